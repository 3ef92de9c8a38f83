"""Customers with their addresses as JSON lines, imported and exported."""
