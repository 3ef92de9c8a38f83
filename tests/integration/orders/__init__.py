"""Tests of `orders` with real servers."""
