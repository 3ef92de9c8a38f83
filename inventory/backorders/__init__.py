"""The orders that wait for units, as clients see them."""
