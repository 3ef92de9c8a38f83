"""Proves that MySQL, the read model and the search index say the same, names the rows that differ, and repairs them."""
