"""The topic on which the search index's worker says what it has just made findable: it wakes whoever waits for it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from contracts.topics import Kind, Topic


class ProductsIndexed(msgspec.Struct, kw_only=True, frozen=True, rename="camel"):
    """A chunk of `products` is in the index, and found at its next refresh; or, with `fresh_until`, how fresh that is.

    `partition` is the one of `products` that was read, `next_offset` how far. With `fresh_until`, what the database
    `source` had committed by then can be found.
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
