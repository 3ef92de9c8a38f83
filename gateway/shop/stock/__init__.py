"""Stores, the stock of products in them, and where the units of orders come from."""
