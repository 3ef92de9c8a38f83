"""Units of a store that are committed to orders."""
