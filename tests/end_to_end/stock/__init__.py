"""The units of orders, and the stores that hold them."""
