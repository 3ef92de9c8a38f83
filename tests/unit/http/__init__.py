"""Tests of `http` without servers."""
