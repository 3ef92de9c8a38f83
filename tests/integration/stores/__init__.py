"""Tests of `stores` with real servers."""
