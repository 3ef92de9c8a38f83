"""Benchmarks: each prints ratios against a peer or an upper limit that is measured in the same run."""
