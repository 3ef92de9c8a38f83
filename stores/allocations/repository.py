"""The SQL of allocations. A change of one locks the row of its stock first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from chassis.databases.mysql import Connection, Row, placeholders
from chassis.databases.mysql_upserts import write_newer
from contracts.stores import AllocationState, stock_id
from stores.repository import milliseconds
from stores.rules import Allocation, Stock

ALLOCATION_COLUMNS = (
    "allocation_id AS id, sku, order_id, quantity, shipped, state, answered_at, reservation_version, version"
)
COLUMNS = (
    "allocation_id", "stock_id", "store_id", "sku", "order_id", "quantity", "shipped", "state", "reservation_version",
    "on_hand", "unsellable", "committed", "delivered", "stock_version", "answered_at", "version",
)  # fmt: skip


async def newest_committed(tx: Connection, stock: Stock, limit: int) -> list[Allocation]:
    """The allocations of a stock that are committed, the newest first."""
    rows = await tx.fetch_all(
        f"SELECT {ALLOCATION_COLUMNS} FROM allocation WHERE stock_id = %s AND state = %s"
        " ORDER BY answered_at DESC, allocation_id DESC LIMIT %s",
        [stock.stock_id, AllocationState.COMMITTED.value, limit],
    )
    return [allocation_of(row) for row in rows]


async def find_allocations(
    connection: Connection, ids: Collection[UUID], *, lock: bool = False
) -> dict[UUID, Allocation]:
    """These allocations, by id. With `lock`, as they are now, whatever the transaction has read before."""
    sql = f"SELECT {ALLOCATION_COLUMNS} FROM allocation WHERE allocation_id IN ({placeholders(ids)})"
    rows = await connection.fetch_all(sql + (" FOR UPDATE" if lock else ""), [str(each) for each in ids])
    return {UUID(row["id"]): allocation_of(row) for row in rows}


async def find_allocation(connection: Connection, allocation_id: UUID) -> Row | None:
    """The row of an allocation, or None."""
    sql = f"SELECT {ALLOCATION_COLUMNS} FROM allocation WHERE allocation_id = %s"
    return await connection.fetch_one(sql, [str(allocation_id)])


async def write_allocations(tx: Connection, store_id: str, allocations: Sequence[Allocation], now: datetime) -> None:
    """Write each allocation, unless the row has the same or a newer version."""
    await write_newer(tx, "allocation", COLUMNS, [_allocation_row(store_id, each, now) for each in allocations])


def _allocation_row(store_id: str, allocation: Allocation, now: datetime) -> tuple[object, ...]:
    stock = allocation.stock
    return (
        *(str(allocation.allocation_id), stock_id(store_id, allocation.sku), store_id, allocation.sku),
        *(str(allocation.order_id) if allocation.order_id else None, allocation.quantity, allocation.shipped),
        *(allocation.state.value, allocation.reservation_version),
        *((stock.on_hand, stock.unsellable, stock.committed) if stock else (None, None, None)),
        *((stock.delivered, stock.version) if stock else (None, None)),
        *(milliseconds(now), allocation.version),
    )


def allocation_of(row: Row) -> Allocation:
    """The answer in a row; the stock after it is only of interest to readers of the topic."""
    return Allocation(
        allocation_id=UUID(row["id"]),
        sku=row["sku"],
        order_id=UUID(row["order_id"]) if row["order_id"] else None,
        quantity=row["quantity"],
        shipped=row["shipped"],
        state=AllocationState(row["state"]),
        reservation_version=row["reservation_version"],
        stock=None,
        version=row["version"],
    )
