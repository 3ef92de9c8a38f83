"""Tests of `customers` with real servers."""
