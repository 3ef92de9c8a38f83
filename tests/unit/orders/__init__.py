"""Tests of `orders` without servers."""
