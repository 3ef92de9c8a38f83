"""The topics `products` and `category`, which Kafka Connect writes from the `products` database, and the names of the
search index.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

import msgspec

from contracts.inventory.availability import NO_STORES
from contracts.rows import Row
from contracts.slugs import slug_of
from contracts.topics import Kind, Topic

SEARCH_INDEX = "products"
"""The alias of the search index that `products` writes; an alias, so that the index can be rebuilt."""

SEARCH_FRESHNESS = "products_freshness"
"""The index with the freshness of the search index: one document per database, by its name."""


class Category(msgspec.Struct, kw_only=True, frozen=True):
    """A category as its products have it. `path` has the slugs from the root of the tree to the category itself.

    Older rows have only the name, of which the slug is made.
    """

    slug: str = ""
    name: str
    path: list[str] = []

    def __post_init__(self) -> None:
        """Complete a category of an older row."""
        if not self.slug:
            msgspec.structs.force_setattr(self, "slug", slug_of(self.name))
        if not self.path:
            msgspec.structs.force_setattr(self, "path", [self.slug])


class ProductRow(Row, kw_only=True, frozen=True):
    """One product, identified by its SKU. Its length, width and height are centimetres, its weight kilograms.

    `categories` is JSON text, as Debezium sends MySQL's JSON columns: a list of `Category`, copied from the tree.
    """

    FORMER_NAMES: ClassVar[Mapping[str, str]] = {"hierarchies": "categories"}

    sku: str
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
    categories: str
    active: bool
    created_at: datetime
    updated_at: datetime

    def places(self) -> list[Category]:
        """The product's categories, decoded. Raises `msgspec.MsgspecError` if the JSON is invalid."""
        return msgspec.json.decode(self.categories, type=list[Category])


class StockedProduct(ProductRow, kw_only=True, frozen=True):
    """A product with the stores that have units of it to sell, as the search index has it: see `SkuAvailabilityRow`."""

    available_at: str = NO_STORES
    availability_version: int = 0

    @classmethod
    def of(cls, row: ProductRow, available_at: str = NO_STORES, availability_version: int = 0) -> StockedProduct:
        """The product of this row."""
        values = {name: getattr(row, name) for name in ProductRow.__struct_fields__}
        return cls(**values, available_at=available_at, availability_version=availability_version)

    @property
    def document_version(self) -> int:
        """The version of the document: it increases with that of the product and with that of its stock."""
        return self.newest_version + self.availability_version


class CategoryRow(Row, kw_only=True, frozen=True):
    """One category of the tree, identified by its slug, which never changes.

    A category without `parent_slug` is a root. Siblings are sorted by `position`, then by `slug`. Parents may arrive
    after their children.
    """

    slug: str
    name: str
    description: str | None = None
    parent_slug: str | None = None
    position: int
    created_at: datetime
    updated_at: datetime


PRODUCTS: Topic[ProductRow] = Topic(
    name="products",
    kind=Kind.STATE,
    message=ProductRow,
    key="sku",
    identity="sku",
    writer="connect:oms-products",
    readers=("products", "orders", "orders_stream", "inventory"),
)

CATEGORY: Topic[CategoryRow] = Topic(
    name="category",
    kind=Kind.STATE,
    message=CategoryRow,
    key="slug",
    identity="slug",
    writer="connect:oms-products",
    readers=("orders_stream",),
)
