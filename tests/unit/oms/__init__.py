"""Tests of `oms` without servers."""
