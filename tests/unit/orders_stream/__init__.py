"""Tests of `orders_stream` without servers."""
