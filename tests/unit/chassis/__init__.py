"""Tests of `chassis` without servers."""
