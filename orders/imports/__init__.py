"""Import of orders from other systems."""
