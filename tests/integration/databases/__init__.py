"""Tests of `databases` with real servers."""
