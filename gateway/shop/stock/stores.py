"""Stores: the places that hold stock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry

from gateway.errors import BadInput
from gateway.fields.fields import column
from gateway.fields.nodes import Node, key_of, store_in, store_node_id
from gateway.fields.paging import MAX_SIZE
from gateway.fields.relations import One
from gateway.shop.stock.statements import STORES

OF_PARENT = One(f"{STORES} AS {{it}}", "{it}.store_id = {parent}.store_id AND NOT {it}.deleted")
"""The store that the row above names."""

FRESH_UNTIL = (
    "Everything that the store committed before this time is in the stock shown; null before its first sign of life."
)
IS_STALE = "Whether `freshUntil` is too long ago or null: the units may have changed since."

StoreId = Annotated[
    strawberry.ID, strawberry.argument(description="The store's `id`, or its own id, such as `seattle`.")
]
StoreIds = Annotated[
    list[strawberry.ID] | None,
    strawberry.argument(
        description=f"Only these stores, by `id` or by their own ids, such as `seattle`. At most {MAX_SIZE}."
    ),
]


def store_key(text: Any) -> str | None:
    """A store's own id, from that or from its id among all nodes; None for a malformed one."""
    return key_of(store_in(text) or text)


def store_keys(ids: Sequence[str]) -> list[str]:
    """The own ids of stores, without malformed ones. Raises BadInput."""
    if len(ids) > MAX_SIZE:
        raise BadInput(f"`stores` must have at most {MAX_SIZE} ids, not {len(ids)}")
    return [key for key in map(store_key, ids) if key is not None]


@strawberry.type(description="A place that holds stock: a shop or a warehouse.")
class Store(Node):
    """A place that holds stock."""

    id: strawberry.ID = column(
        "Identifies the store among all nodes.", "store_id", read=store_node_id, sql="'store:' || {}"
    )
    store_id: strawberry.ID = column("Identifies the store in REST, such as `seattle`.")
    name: str = column("The name.")
    kind: str = column("The kind of place, such as `shop` or `warehouse`.")
    country: str = column("ISO 3166-1 alpha-2, such as US.")
    region: str | None = column("The state, province or department of the country.")
    city: str | None = column("The city.")
    latitude: Decimal | None = column("Degrees north (WGS 84).")
    longitude: Decimal | None = column("Degrees east (WGS 84).")
    priority: int = column("Stores with a higher priority are asked for units first.")
    sells_online: bool = column("Whether its units can be ordered online.")
    fresh_until: datetime | None = column(FRESH_UNTIL)
    stale: bool = column(IS_STALE)
    created_at: datetime = column("When the store was created.")
    updated_at: datetime = column("When the store last changed, or last reported.")
    version: int = column("Incremented by each change of the store, from 1.")
