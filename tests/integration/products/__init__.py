"""Tests of `products` with real servers."""
