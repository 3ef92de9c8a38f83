"""The data of a whole company, of a category, and of one person."""
