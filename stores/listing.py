"""The lists of a store: their filters, and the index that serves each combination."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Query

from chassis.databases.mysql import Connection, Row, placeholders
from chassis.rest.keysets import EQUAL, Filter, Index, Listing, Plan
from chassis.types.products import AnySku
from contracts.stores import AllocationState, stock_id
from stores.allocations.repository import ALLOCATION_COLUMNS
from stores.dependencies import ThisStore
from stores.repository import MOVEMENT_COLUMNS, STOCK_COLUMNS

_MOVEMENTS = Listing(
    table="stock_movement",
    columns=MOVEMENT_COLUMNS,
    identity="sequence",
    identity_as="sequence",
    sorts={"sequence": "sequence"},
    newest_first=("sequence",),
    indexes=(Index("stock_movement_sequence", ("stock_id",), "sequence"),),
)

_ALLOCATIONS = Listing(
    table="allocation",
    columns=ALLOCATION_COLUMNS,
    identity="allocation_id",
    identity_as="id",
    sorts={"id": "allocation_id"},
    indexes=(
        Index("PRIMARY", (), "allocation_id"),
        Index("allocation_by_state", ("state",), "allocation_id"),
        Index("allocation_by_stock", ("stock_id", "state"), "allocation_id"),
    ),
)

_BELOW_REORDER = "reorder_at IS NOT NULL AND on_hand - unsellable - committed <= reorder_at"


async def stock_after(
    connection: Connection,
    store_id: str,
    after: list[Any] | None,
    limit: int,
    *,
    skus: Sequence[str],
    below_reorder: bool,
) -> list[Row]:
    """The next rows in the order of their SKUs.

    `below_reorder` reads all rows from there on: there are thousands of SKUs in a shop, not millions.
    """
    conditions, values = ["TRUE"], []
    if after is not None:
        conditions.append("stock_id > %s")
        values.append(stock_id(store_id, after[0]))
    if skus:
        conditions.append(f"stock_id IN ({placeholders(skus)})")
        values += [stock_id(store_id, sku) for sku in skus]
    if below_reorder:
        conditions.append(_BELOW_REORDER)
    sql = f"SELECT {STOCK_COLUMNS} FROM stock WHERE {' AND '.join(conditions)} ORDER BY stock_id LIMIT %s"
    return await connection.fetch_all(sql, [*values, limit])


def movements_of(stock: str) -> Plan:
    """The movements of a stock, newest first."""
    return _MOVEMENTS.plan([Filter("sku", "stock_id", EQUAL, stock)], None)


async def _allocations(
    store_id: ThisStore,
    state: Annotated[AllocationState | None, Query(description="Only allocations in this state.")] = None,
    sku: Annotated[AnySku | None, Query(description="Only allocations of this SKU; requires `state`.")] = None,
) -> Plan:
    filters = [
        Filter("state", "state", EQUAL, state.value if state else None),
        Filter("sku", "stock_id", EQUAL, stock_id(store_id, sku) if sku else None),
    ]
    return _ALLOCATIONS.plan(filters, None)


AllocationQuery = Annotated[Plan, Depends(_allocations)]
"""How to read the allocations that match the query parameters."""
