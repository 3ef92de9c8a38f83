"""Tests of `shipping` without servers."""
