"""Products and categories: the types, lists and searches."""
