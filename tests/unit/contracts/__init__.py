"""Tests of `contracts` without servers."""
