"""The topic on which the worker of the search index reports what it has indexed, which wakes waiting readers."""

from __future__ import annotations

from datetime import datetime

import msgspec

from contracts.topics import Kind, Topic


class ProductsIndexed(msgspec.Struct, kw_only=True, frozen=True, rename="camel"):
    """Products that are in the index; or, with `fresh_until`, its freshness.

    `versions` has the version of each product by SKU, which searches show after the next refresh; a later one may be in
    the index already. With `fresh_until`, everything that the database `source` had committed by then is visible.
    """

    source: str
    versions: dict[str, int] = {}
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
