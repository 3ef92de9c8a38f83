"""Tests of rules for the whole project: structure, texts, links."""
