"""Customers and their addresses: who orders, and where things go."""
