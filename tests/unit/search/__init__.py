"""Tests of `search` without servers."""
