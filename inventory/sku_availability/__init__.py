"""Which stores have units of a SKU to sell online: one row for each SKU, for the search."""
