"""Tests of `customers` without servers."""
