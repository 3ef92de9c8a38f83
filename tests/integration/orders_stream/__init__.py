"""Tests of `orders_stream` with real servers."""
