"""Tests of `inventory` without servers."""
