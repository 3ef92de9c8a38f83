"""The examples of the OpenAPI document: products."""

from __future__ import annotations

from typing import Any

Example = dict[str, Any]

SKU = "NW-0001"

_MEMBERS: Example = {
    "name": "Chai",
    "description": "Black tea with cardamom, cinnamon and ginger.",
    "price": "18.00",
    "currency": "USD",
    "type": "Beverages",
    "weight": 0.5,
    "unit": "kg",
    "categories": ["beverages"],
}
REPLACED_PRODUCT: Example = {**_MEMBERS, "price": "19.50"}
NEW_PRODUCT: Example = {"sku": SKU, **_MEMBERS}
PRODUCT: Example = {
    **NEW_PRODUCT,
    "length": None,
    "width": None,
    "height": None,
    "active": True,
    "createdAt": "2026-01-31T12:00:00Z",
    "updatedAt": "2026-01-31T12:00:00Z",
    "version": 1,
}
EXPORTED_PRODUCT: Example = {
    **NEW_PRODUCT,
    "exported": {"createdAt": "2026-01-31T12:00:00Z", "updatedAt": "2026-01-31T12:00:00Z", "version": 1},
}
FOUND_PRODUCT: Example = {
    **PRODUCT,
    "score": 12.5,
    "highlights": {"name": "<em>Chai</em>", "description": None, "categories": None},
}
SUGGESTION: Example = {"text": "Chai", "sku": SKU}
