"""Tests of `consistency` without servers."""
