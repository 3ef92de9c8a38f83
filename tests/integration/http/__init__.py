"""Tests of `http` with real servers."""
