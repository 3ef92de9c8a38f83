"""How fast the rows of orders become the read model."""
