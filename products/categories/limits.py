"""The limits of the tree. A product has a copy of the path of each of its categories, so paths must be short."""

from __future__ import annotations

MOST_DEPTH = 10
"""Levels of the tree."""

MOST_CATEGORIES = 10_000
"""Categories of the whole tree, which some statements read at once."""

MOST_CATEGORIES_OF_PRODUCT = 20

MOST_PRODUCTS_AT_ONCE = 1_000
"""Products that a change of a category updates in its own transaction; further ones are updated in the background."""

MOST_CATEGORIES_AT_ONCE = 100
"""Categories whose products a change updates in its own transaction, which has a timeout; a larger subtree's are all
updated in the background."""
