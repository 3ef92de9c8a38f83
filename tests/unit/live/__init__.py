"""Tests of `live` without servers."""
