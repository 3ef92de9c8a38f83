"""Tests of `benchmarks` without servers."""
