"""Tests of `live` with real servers."""
