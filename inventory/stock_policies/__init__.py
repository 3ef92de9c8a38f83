"""The policies of stock: which units are tracked, and how many are not promised online."""
