"""Tests of `kafka` with real servers."""
