"""The SQL of the queue: which orders wait for units, oldest first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from uuid import UUID

from chassis.databases.mysql import Connection, Row, placeholders
from contracts.inventory.availability import FREE
from inventory.orders.queue import Backorder, Queue
from inventory.portions import MOST_AT_ONCE

MOST_HEADS = 50
"""Lines at the head of the queue of a SKU that are looked at in one transaction."""

_COLUMNS = "sku, placed_at, order_id, order_detail_id, quantity, since, unpromised"
_SEQUENCE = "unpromised, placed_at, order_id, order_detail_id"
_HEAD = f"(SELECT {_COLUMNS} FROM backorder WHERE sku = %s ORDER BY {_SEQUENCE} LIMIT %s)"
_OF_ORDERS = f"SELECT {_COLUMNS} FROM backorder WHERE order_id IN ({{}})"
_SUMS = """
SELECT sku, SUM(quantity) AS units, SUM(IF(unpromised, 0, quantity)) AS promised FROM backorder WHERE sku IN ({})
GROUP BY sku
"""
_QUEUED = "SELECT DISTINCT sku FROM availability WHERE stock_id IN ({}) AND has_backorders"
_WAITED_FOR = "SELECT DISTINCT sku FROM backorder WHERE sku IN ({})"
_FILLABLE = f"""
SELECT DISTINCT sku FROM backorder JOIN availability USING (sku)
WHERE {FREE} > 0 LIMIT %s
"""
_DELETE = "DELETE FROM backorder WHERE order_id IN ({})"
_INSERT = f"INSERT INTO backorder ({_COLUMNS}) VALUES "


async def queued(connection: Connection, stock_ids: Collection[str]) -> set[str]:
    """The SKUs of these stocks for which orders wait."""
    if not stock_ids:
        return set()
    return {row["sku"] for row in await connection.fetch_all(_QUEUED.format(placeholders(stock_ids)), [*stock_ids])}


async def waited_for_among(connection: Connection, skus: Collection[str]) -> set[str]:
    """Those of these SKUs for which orders wait."""
    return {row["sku"] for row in await connection.fetch_all(_WAITED_FOR.format(placeholders(skus)), [*skus])}


async def fillable(connection: Connection, most: int) -> list[str]:
    """SKUs of which orders wait and stores have units."""
    return [row["sku"] for row in await connection.fetch_all(_FILLABLE, [most])]


async def waited_for(connection: Connection) -> int:
    """The units that all orders wait for."""
    row = await connection.fetch_one("SELECT COALESCE(SUM(quantity), 0) AS units FROM backorder")
    return int(row["units"]) if row else 0


async def heads(connection: Connection, skus: Collection[str]) -> list[UUID]:
    """Orders at the head of the queues of these SKUs, the oldest first: as many as one transaction may decide."""
    most = max(1, min(MOST_HEADS, MOST_AT_ONCE // max(1, len(skus))))
    rows = sorted(await _heads(connection, skus, most), key=lambda row: row.turn)
    return [*dict.fromkeys(row.order_id for row in rows)]


async def read_queue(tx: Connection, skus: Collection[str], order_ids: Collection[UUID]) -> Queue:
    """The queues of these SKUs, whose availability is locked, as far as decisions about these orders need them."""
    first = await _heads(tx, skus)
    ids = [str(each) for each in order_ids]
    own = await tx.fetch_all(_OF_ORDERS.format(placeholders(ids)), ids) if ids else []
    rows = {(row.sku, row.order_detail_id): row for row in (*first, *(_row(each) for each in own))}
    sums = await tx.fetch_all(_SUMS.format(placeholders(skus)), [*skus])
    units, promised = ({row["sku"]: int(row[name]) for row in sums} for name in ("units", "promised"))
    ends = {sku: max(row.turn for row in some) for sku in skus if len(some := _of(first, sku)) == MOST_HEADS}
    return Queue(rows.values(), units, ends, promised)


def write_later(tx: Connection, queue: Queue) -> None:
    """Write the rows of the orders that changed, in the same round trip as the next statement or the commit."""
    if not queue.changed:
        return
    ids = sorted(str(each) for each in queue.changed)
    tx.later(_DELETE.format(placeholders(ids)), ids)
    rows = [row for order_id in sorted(queue.changed) for row in queue.rows_of(order_id)]
    if rows:
        values = [value for row in rows for value in _values(row)]
        tx.later(_INSERT + ", ".join([f"({placeholders(range(7))})"] * len(rows)), values)


async def _heads(connection: Connection, skus: Collection[str], most: int = MOST_HEADS) -> list[Backorder]:
    if not skus:
        return []
    sql = " UNION ALL ".join([_HEAD] * len(skus))
    return [_row(row) for row in await connection.fetch_all(sql, [value for sku in skus for value in (sku, most)])]


def _of(rows: Sequence[Backorder], sku: str) -> list[Backorder]:
    return [row for row in rows if row.sku == sku]


def _row(row: Row) -> Backorder:
    times: list[datetime] = [row[name].replace(tzinfo=UTC) for name in ("placed_at", "since")]
    ids = UUID(row["order_id"]), UUID(row["order_detail_id"])
    return Backorder(row["sku"], times[0], *ids, row["quantity"], times[1], bool(row["unpromised"]))


def _values(row: Backorder) -> tuple[object, ...]:
    return row.sku, row.placed_at, str(row.order_id), str(row.order_detail_id), row.quantity, row.since, row.unpromised
