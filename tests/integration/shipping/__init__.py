"""Tests of `shipping` with real servers."""
