"""The SQL of many orders at once, each with all its rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.databases.mysql import Connection, Row, placeholders
from orders.bulk.restoring import HISTORY_COLUMNS, OrderRows
from orders.placement.rows import LINE_COLUMNS, ORDER_COLUMNS
from orders.repository import INSERT_LINES, INSERT_ORDER
from orders.statuses import history

_INSERT_LINE = INSERT_LINES.format(f"({placeholders(LINE_COLUMNS)})")


@dataclass(frozen=True)
class ExistingOrders:
    """Existing rows that match incoming orders: orders by id; line ids; external ids with their sources; numbers."""

    orders: dict[str, OrderRows]
    lines: set[str]
    external_ids: set[tuple[str, str]]
    numbers: set[int]


async def find_orders(connection: Connection, orders: Sequence[Row]) -> dict[str, OrderRows]:
    """These orders by id, each with all its lines, including former ones, and its history."""
    ids = [order["order_id"] for order in orders]
    lines = await _rows(connection, "order_detail", "order_id", ids, "order_id, lines_version, line_number")
    entries = await _rows(connection, "order_history", "order_id", ids, "order_id, to_version")
    found = {order["order_id"]: OrderRows(order, [], []) for order in orders}
    its_lines: dict[str, list[Row]] = {order_id: [] for order_id in found}
    its_entries: dict[str, list[Row]] = {order_id: [] for order_id in found}
    for line in lines:
        its_lines[line["order_id"]].append(line)
    for entry in entries:
        its_entries[entry["order_id"]].append(entry)
    return {
        order_id: OrderRows(each.order, its_lines[order_id], its_entries[order_id]) for order_id, each in found.items()
    }


async def find_existing(connection: Connection, coming: Sequence[OrderRows]) -> ExistingOrders:
    """The existing rows that match these orders."""
    ids = [each.order["order_id"] for each in coming]
    external_ids = [each.order["external_id"] for each in coming if each.order["external_id"] is not None]
    numbers = [each.order["number"] for each in coming if each.order["number"] is not None]
    line_ids = [line["order_detail_id"] for each in coming for line in each.lines]
    orders = await _rows(connection, "`order`", "order_id", ids, "order_id")
    taken = await _rows(connection, "`order`", "external_id", external_ids, "order_id")
    numbered = await _rows(connection, "`order`", "number", numbers, "order_id")
    lines = await _rows(connection, "order_detail", "order_detail_id", line_ids, "order_detail_id")
    return ExistingOrders(
        await find_orders(connection, orders),
        {line["order_detail_id"] for line in lines},
        {(row["external_id"], row["source"]) for row in taken},
        {row["number"] for row in numbered},
    )


async def lock_customers(tx: Connection, ids: Collection[str]) -> set[str]:
    """Those of these customers that are known and not deleted; locked against being marked as deleted."""
    if not ids:
        return set()
    sql = f"SELECT customer_id FROM replica_customer WHERE customer_id IN ({placeholders(ids)}) AND NOT deleted"
    rows = await tx.fetch_all(f"{sql} ORDER BY customer_id LOCK IN SHARE MODE", sorted(ids))
    return {row["customer_id"] for row in rows}


async def insert_orders(tx: Connection, coming: Sequence[OrderRows]) -> None:
    """Insert orders with all their rows. Raises pymysql's IntegrityError if one of them was created concurrently."""
    ordered = sorted(coming, key=lambda each: str(each.order["order_id"]))
    await tx.execute_many(INSERT_ORDER, [_values(each.order, ORDER_COLUMNS) for each in ordered])
    await tx.execute_many(_INSERT_LINE, [_values(line, LINE_COLUMNS) for each in ordered for line in each.lines])
    entries = [_values(entry, HISTORY_COLUMNS) for each in ordered for entry in each.history]
    if entries:
        await tx.execute_many(history.INSERT, entries)


def _values(row: Row, columns: Sequence[str]) -> list[Any]:
    return [row[column] for column in columns]


async def _rows(
    connection: Connection, table: str, column: str, values: Sequence[str] | Sequence[int], order: str
) -> list[Row]:
    if not values:
        return []
    sql = f"SELECT * FROM {table} WHERE {column} IN ({placeholders(values)}) ORDER BY {order}"
    return await connection.fetch_all(sql, values)
