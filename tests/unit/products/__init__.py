"""Tests of `products` without servers."""
