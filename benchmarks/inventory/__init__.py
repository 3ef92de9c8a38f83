"""Benchmark of inventory: how fast the stock of orders is decided."""
