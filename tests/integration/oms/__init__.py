"""Tests of `oms` with real servers."""
