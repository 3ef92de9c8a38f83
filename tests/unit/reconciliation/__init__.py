"""Tests of `reconciliation` without servers."""
