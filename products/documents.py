"""What Elasticsearch keeps of a product."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from contracts.money import shown
from contracts.products import Hierarchy, ProductRow


class ProductDocument(msgspec.Struct, kw_only=True, frozen=True):
    """A product as it is found. Decimals are strings, so that they stay exact; the index reads numbers from them.

    A deleted product stays, marked: Elasticsearch forgets a delete after a minute, and an older duplicate would then
    bring the product back. Every query leaves out what is marked.
    """

    sku: str
    name: str
    description: str | None
    price: str
    currency: str
    type: str | None
    length: Decimal | None
    width: Decimal | None
    height: Decimal | None
    weight: Decimal | None
    unit: str | None
    hierarchies: list[Hierarchy]
    active: bool
    created_at: datetime
    updated_at: datetime
    version: int
    deleted: bool


def document(row: ProductRow) -> ProductDocument:
    """The document of a row. Raises ValueError for a currency that there is not, MsgspecError for other hierarchies."""
    return ProductDocument(
        sku=row.sku,
        name=row.name,
        description=row.description,
        price=shown(row.price, row.currency),
        currency=row.currency,
        type=row.type,
        length=row.length,
        width=row.width,
        height=row.height,
        weight=row.weight,
        unit=row.unit,
        hierarchies=row.places(),
        active=row.active,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.newest_version,
        deleted=row.is_deleted,
    )
