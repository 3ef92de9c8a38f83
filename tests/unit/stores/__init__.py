"""Tests of `stores` without servers."""
