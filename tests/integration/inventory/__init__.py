"""Tests of `inventory` with real servers."""
