"""How fast orders are placed."""
