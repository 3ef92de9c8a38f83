"""The catalogue: products by SKU, and the search over them."""
