"""Tests of `gateway` without servers."""
