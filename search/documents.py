"""The document of a product in Elasticsearch."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from contracts.digests import HALF, digest
from contracts.inventory.availability import stores_in
from contracts.money import format_price
from contracts.products import Category, ProductRow, StockedProduct
from search.text.codes import codes_of_name, codes_of_sku, sizes

ONLY_SEARCHED = ("sku_codes", "codes", "sizes")
"""Fields made of others, searched and not returned: `_source` of `products/indexing/index.json` excludes them."""


class ProductDocument(msgspec.Struct, kw_only=True, frozen=True):
    """A product in the index. Decimals are strings, so that they stay exact; the index parses numbers from them.

    A deleted product stays with `deleted` set, and every query filters it: Elasticsearch forgets a delete after a
    minute, and an older duplicate would then bring the product back. The digest of the row is in two halves, which an
    index can sum without rounding, to compare many documents with MySQL at once.
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
    categories: list[Category]
    active: bool
    created_at: datetime
    updated_at: datetime
    version: int
    deleted: bool
    available_at: list[str]
    in_stock: bool
    availability_version: int
    digest_high: int
    digest_low: int
    sku_codes: list[str]
    codes: list[str]
    sizes: list[str]


def document(product: ProductRow) -> ProductDocument:
    """The document of a product; without its stock, of one that no store has. Raises MsgspecError for invalid JSON."""
    row = product if isinstance(product, StockedProduct) else StockedProduct.of(product)
    categories, available_at = row.places(), stores_in(row.available_at)
    digest_high, digest_low = divmod(digest(row), HALF)
    return ProductDocument(
        sku=row.sku,
        name=row.name,
        description=row.description,
        price=format_price(row.price, row.currency),
        currency=row.currency,
        type=row.type,
        length=row.length,
        width=row.width,
        height=row.height,
        weight=row.weight,
        unit=row.unit,
        categories=categories,
        active=row.active,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.newest_version,
        deleted=row.is_deleted,
        available_at=available_at,
        in_stock=bool(available_at),
        availability_version=row.availability_version,
        digest_high=digest_high,
        digest_low=digest_low,
        sku_codes=codes_of_sku(row.sku),
        codes=codes_of_name(row.name),
        sizes=sizes((row.name, row.unit, row.description)),
    )
