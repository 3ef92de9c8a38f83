"""How well and how fast products are found."""
