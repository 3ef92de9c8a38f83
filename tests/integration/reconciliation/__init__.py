"""Tests of `reconciliation` with real servers."""
