"""Benchmark of the product search: quality and throughput."""
