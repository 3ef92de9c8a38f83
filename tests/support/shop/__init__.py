"""Customers, products and orders that tests need, and their rows."""
