"""The examples of the OpenAPI document: categories."""

from __future__ import annotations

from typing import Any

Example = dict[str, Any]

SLUG = "beverages"

CATEGORY_INPUT: Example = {
    "name": "Beverages",
    "description": "Soft drinks, coffees, teas, beers and ales",
    "parent": "drinks",
    "position": 1,
}
NEW_CATEGORY: Example = {"slug": SLUG, **CATEGORY_INPUT}
_STATE: Example = {"createdAt": "2026-01-31T12:00:00Z", "updatedAt": "2026-01-31T12:00:00Z", "version": 1}
CATEGORY: Example = {**NEW_CATEGORY, **_STATE}
EXPORTED_CATEGORY: Example = {**NEW_CATEGORY, "exported": _STATE}
