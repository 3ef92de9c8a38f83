"""A line of products.jsonl, the request body made from it, and the line made from an exported product. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from oms.company.lines.base import Body, Exported, Line, body_of, exported_member, sku_text, without_nulls


class Product(Line, kw_only=True, frozen=True):
    """One line of products.jsonl; `categories` are slugs. Stock levels are read and not imported."""

    sku: str | int
    name: str
    description: str | None = None
    price: Decimal
    currency: str
    type: str | None = None
    length: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None
    weight: Decimal | None = None
    unit: str | None = None
    categories: list[str] = msgspec.field(default_factory=list)
    discontinued: bool = False
    units_in_stock: int | None = None
    reorder_level: int | None = None
    exported: Exported | None = None


def product_body(product: Product) -> Body:
    """A line of POST /products/bulk."""
    exported = product.exported
    return {
        **body_of(product, "discontinued", "units_in_stock", "reorder_level", exported=exported),
        "sku": str(product.sku) if exported else sku_text(product.sku),
        "active": not product.discontinued,
        **exported_member(exported),
    }


def product_line(product: Mapping[str, Any]) -> Body:
    """A line of products.jsonl from a product as its service exports it."""
    members = {name: value for name, value in product.items() if name != "active"}
    return without_nulls({**members, "discontinued": not product["active"]})
