"""Benchmark of placing orders."""
