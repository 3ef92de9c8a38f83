"""Benchmark of the gateway against PostGraphile, its own executor and an upper limit."""
