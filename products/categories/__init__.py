"""The tree of categories, and the copies of it that products have."""
