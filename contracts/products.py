"""The topic that Kafka Connect writes from the `products` database, and the search index of its products."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from contracts.rows import Row
from contracts.topics import Kind, Topic

SEARCH_INDEX = "products"
"""The Elasticsearch index (an alias, so that it can be rebuilt beside the live one) that `products` writes."""

SEARCH_FRESHNESS = "products_freshness"
"""The index with the freshness of the search index: one document per source database, by its name."""


class Hierarchy(msgspec.Struct, kw_only=True, frozen=True):
    """A node of the shop's tree that a product belongs to, such as a category."""

    name: str
    description: str | None = None


class ProductRow(Row, kw_only=True, frozen=True):
    """A product, identified by its SKU. `hierarchies` is JSON text, as Debezium sends JSON columns of MySQL."""

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
    hierarchies: str
    active: bool
    created_at: datetime
    updated_at: datetime

    def places(self) -> list[Hierarchy]:
        """The product's hierarchies, decoded from JSON. Raises `msgspec.MsgspecError`."""
        return msgspec.json.decode(self.hierarchies, type=list[Hierarchy])


PRODUCTS: Topic[ProductRow] = Topic(
    name="products",
    kind=Kind.STATE,
    message=ProductRow,
    key="sku",
    identity="sku",
    writer="connect:oms-products",
    readers=("products", "orders", "orders_stream"),
)
