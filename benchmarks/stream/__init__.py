"""Benchmark of projecting rows of orders into the read model."""
