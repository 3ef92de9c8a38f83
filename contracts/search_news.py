"""The topic on which the worker of the search index reports what it has indexed, which wakes waiting readers."""

from __future__ import annotations

from datetime import datetime

import msgspec

from contracts.topics import Kind, Topic


class ProductsIndexed(msgspec.Struct, kw_only=True, frozen=True, rename="camel"):
    """A chunk of `products` is in the index and visible after its next refresh; or, with `fresh_until`, its freshness.

    `partition` and `next_offset` are the position of `products`. With `fresh_until`, everything that the database
    `source` had committed by then is visible.
    """

    source: str
    partition: int | None = None
    next_offset: int | None = None
    fresh_until: datetime | None = None


PRODUCTS_INDEXED: Topic[ProductsIndexed] = Topic(
    name="products-indexed",
    kind=Kind.PASSING,
    message=ProductsIndexed,
    key="source",
    identity="source",
    writer="products",
    readers=("gateway",),
    partitions=1,
)
