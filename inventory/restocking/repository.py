"""The SQL of restock requests and of what is on its way. A change of one locks its availability first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from chassis.databases.mysql import Connection, placeholders
from contracts.inventory.restocks import InboundRow, RestockRequestRow
from inventory.restocking.rules import NEXT
from inventory.stored_rows import insert_rows_later, read_row, select, write_rows_later

TABLE, KEY = "restock_request", "restock_request_id"

_SELECT = f"SELECT {select(RestockRequestRow, KEY)} FROM restock_request WHERE restock_request_id IN ({{}})"
_LOCK = f"{_SELECT} ORDER BY restock_request_id FOR UPDATE"
_OPEN = "SELECT stock_id FROM restock_request WHERE open_key IN ({})"
_BACKORDERED = "SELECT sku, SUM(quantity) AS units FROM backorder WHERE sku IN ({}) GROUP BY sku"
_STATUSES = ", ".join(f"'{status}'" for status in NEXT)
_DUE = f"""
SELECT restock_request_id, stock_id FROM restock_request FORCE INDEX (restock_request_by_due)
WHERE status IN ({_STATUSES}) AND updated_at <= %s ORDER BY updated_at LIMIT %s
"""
_LOCK_DUE = f"""
{_SELECT} AND status IN ({_STATUSES}) AND updated_at <= %s ORDER BY restock_request_id FOR UPDATE SKIP LOCKED
"""


async def find_request(connection: Connection, request_id: UUID) -> RestockRequestRow | None:
    """A request, or None."""
    row = await connection.fetch_one(_SELECT.format("%s"), [str(request_id)])
    return read_row(RestockRequestRow, row) if row else None


async def lock_requests(tx: Connection, ids: Collection[UUID]) -> dict[UUID, RestockRequestRow]:
    """Those of these requests that exist, by id, locked until the transaction ends."""
    rows = await tx.fetch_all(_LOCK.format(placeholders(ids)), [str(each) for each in ids])
    found = [read_row(RestockRequestRow, row) for row in rows]
    return {row.restock_request_id: row for row in found}


async def stocks_with_open_request(tx: Connection, stock_ids: Collection[str]) -> set[str]:
    """Those of these stocks that have an open request."""
    rows = await tx.fetch_all(_OPEN.format(placeholders(stock_ids)), [*stock_ids])
    return {row["stock_id"] for row in rows}


async def backordered_units(tx: Connection, skus: Collection[str]) -> dict[str, int]:
    """The units of these SKUs that orders wait for."""
    if not skus:
        return {}
    rows = await tx.fetch_all(_BACKORDERED.format(placeholders(skus)), [*skus])
    return {row["sku"]: int(row["units"]) for row in rows}


async def due_requests(connection: Connection, until: datetime, most: int) -> dict[str, str]:
    """The ids of requests whose supplier has its next step to do, each with the id of its stock, the oldest first."""
    rows = await connection.fetch_all(_DUE, (until, most))
    return {row["restock_request_id"]: row["stock_id"] for row in rows}


async def lock_due(tx: Connection, ids: Collection[str], until: datetime) -> list[RestockRequestRow]:
    """Those of these requests that are due still, and that no other transaction has locked."""
    rows = await tx.fetch_all(_LOCK_DUE.format(placeholders(ids)), [*ids, until])
    return [read_row(RestockRequestRow, row) for row in rows]


def insert_later(tx: Connection, rows: Sequence[RestockRequestRow]) -> None:
    """Insert new requests, together with the next statement: a duplicate one of a stock fails."""
    insert_rows_later(tx, TABLE, KEY, rows)


def update_later(tx: Connection, rows: Sequence[RestockRequestRow]) -> None:
    """Write locked requests, together with the next statement."""
    write_rows_later(tx, TABLE, KEY, rows)


def send_later(tx: Connection, rows: Sequence[InboundRow]) -> None:
    """Insert what is on its way, together with the next statement."""
    insert_rows_later(tx, "inbound", "inbound_id", rows)
