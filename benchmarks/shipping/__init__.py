"""Benchmark of shipping: events are appended, folded, replayed and projected."""
