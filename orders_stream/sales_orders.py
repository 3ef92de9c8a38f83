"""The SQL of the table `sales_order`: whole orders, one row each.

No statement returns the composite type of lines: its prepared statement would fail once `oms rebuild` has swapped the
schemas, since the type is another one then.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from chassis.databases.postgres import PoolConnection
from chassis.databases.postgres_upserts import Columns, assignments
from contracts.orders import ORDER, OrderRow
from contracts.rows import columns
from orders_stream.line_texts import line_array, lines_of, text_array
from orders_stream.merging import Order

_COLUMNS = Columns(ORDER)
_NAMES = ", ".join(_COLUMNS.names)
_FIRST = len(_COLUMNS.names) + 1
_AMOUNTS = [name for name, kind in columns(OrderRow).items() if kind is Decimal]


def _insert(guard: str) -> str:
    return f"""
    INSERT INTO sales_order AS here ({_NAMES}, countries, skus, lines)
    SELECT {_NAMES}, countries::text[], skus::text[], lines::sales_order_line[]
    FROM unnest({_COLUMNS.parameters}, ${_FIRST}::text[], ${_FIRST + 1}::text[], ${_FIRST + 2}::text[])
        AS arriving ({_NAMES}, countries, skus, lines)
    ON CONFLICT (order_id) DO UPDATE SET
        {assignments([*_COLUMNS.names, "countries", "skus", "lines"], but="order_id")}
    WHERE {guard}
    RETURNING order_id
    """


# With the same `lines_version`, the stored row may have a line that was deleted by hand: the rows must be merged.
INSERT = _insert("here.version < excluded.version AND here.lines_version < excluded.lines_version")

# Of a row that is locked and was read before.
REPLACE = _insert("here.version <= excluded.version")

UPDATE_ROW = f"""
UPDATE sales_order AS here SET {assignments(_COLUMNS.names, but="order_id", source="arriving")},
    countries = arriving.countries::text[],
    skus = CASE WHEN arriving.deleted THEN '{{}}' ELSE here.skus END,
    lines = CASE WHEN arriving.deleted THEN '{{}}' ELSE here.lines END
FROM unnest({_COLUMNS.parameters}, ${_FIRST}::text[]) AS arriving ({_NAMES}, countries)
WHERE here.order_id = arriving.order_id AND here.version < arriving.version AND NOT here.deleted
    AND (arriving.deleted OR here.lines_version = arriving.lines_version)
RETURNING here.order_id, array_to_json(here.lines)::text
"""

READ = f"""
SELECT {_COLUMNS.selected}, array_to_json(lines)::text AS lines FROM sales_order
WHERE order_id = ANY($1::uuid[]) ORDER BY order_id
"""


async def insert(tx: PoolConnection, orders: Sequence[Order]) -> Sequence[Order]:
    """Write whole orders. Returns those that are written: they are new, or have newer lines than the stored ones."""
    written = await _write(tx, INSERT, orders)
    if len(written) == len(orders):
        return orders
    ids = {row["order_id"] for row in written}
    return [order for order in orders if order.row.order_id in ids]


async def replace(tx: PoolConnection, orders: Sequence[Order]) -> None:
    """Write whole orders whose stored rows this transaction has locked."""
    await _write(tx, REPLACE, orders)


async def update_rows(tx: PoolConnection, rows: Sequence[OrderRow]) -> list[Order]:
    """Write rows of orders that are shown with the lines of their `lines_version`, or that are deleted.

    Returns the orders of those that were written.
    """
    if not rows:
        return []
    written = await tx.fetch(UPDATE_ROW, *_COLUMNS.arrays(rows), [_countries(row) for row in rows])
    by_id = {row.order_id: row for row in rows}
    return [Order(by_id[order_id], lines_of(by_id[order_id], lines)) for order_id, lines in written]


async def read(connection: PoolConnection, orders: Collection[UUID], *, lock: bool = False) -> dict[UUID, Order]:
    """Those of these orders that are shown."""
    found = await connection.fetch(f"{READ} FOR UPDATE" if lock else READ, orders) if orders else []
    return {row["order_id"]: _order(dict(row)) for row in found}


async def _write(tx: PoolConnection, statement: str, orders: Sequence[Order]) -> Sequence[asyncpg.Record]:
    if not orders:
        return ()
    rows = [order.row for order in orders]
    written: Sequence[asyncpg.Record] = await tx.fetch(
        statement,
        *_COLUMNS.arrays(rows),
        [_countries(row) for row in rows],
        [text_array([line.sku for line in order.lines if not line.is_deleted]) for order in orders],
        [line_array(order.lines) for order in orders],
    )
    return written


def _countries(row: OrderRow) -> str:
    return text_array([address.country for address in row.addresses()])


def _order(values: dict[str, Any]) -> Order:
    lines, deleted = values.pop("lines"), values.pop("deleted")
    values |= {name: Decimal(values[name]) for name in _AMOUNTS}
    values["version"] -= deleted
    row = OrderRow(**values, is_deleted=deleted)
    return Order(row, lines_of(row, lines))
