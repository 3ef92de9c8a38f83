"""Compares MySQL with the read model, the search index and the replica, names rows that differ, and repairs them."""
