"""Inventory and stores as tests want them: units, orders whose stock is decided, random histories."""
