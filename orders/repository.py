"""The SQL of orders and their lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import pymysql

from chassis.databases.mysql import DUPLICATE, Connection, Row, placeholders
from chassis.rest.responses import GENERATED_ID
from contracts.orders import DeliveryAddress, OrderStatus
from orders.placement.rows import LINE_COLUMNS, ORDER_COLUMNS, as_json, lines_of, now
from orders.placement.rules import OrderTerms
from orders.statuses.life_cycle import Command
from orders.statuses.past import REASONS, TIMES


class ExternalIdTaken(Exception):
    """An order with this external id exists."""


INSERT_ORDER = f"INSERT INTO `order` ({', '.join(ORDER_COLUMNS)}) VALUES ({placeholders(ORDER_COLUMNS)})"

INSERT_LINES = f"INSERT INTO order_detail ({', '.join(LINE_COLUMNS)}) VALUES {{}}"

SELECT_ORDER = "SELECT * FROM `order` WHERE order_id = %s"

SELECT_LINES = """
SELECT * FROM order_detail WHERE order_id = %s AND lines_version = %s ORDER BY line_number
"""

SELECT_LINES_OF = """
SELECT * FROM order_detail WHERE order_id IN ({}) ORDER BY order_id, lines_version, line_number
"""

SELECT_AFTER = """
SELECT `order`.* FROM `order` JOIN (
    SELECT order_id, SUM(size) OVER (ORDER BY order_id) - size AS before_it FROM (
        SELECT order_id, LENGTH(delivery_addresses) + 200 * (
            SELECT COUNT(*) FROM order_detail WHERE order_detail.order_id = one.order_id
        ) AS size
        FROM `order` AS one WHERE order_id > %s ORDER BY order_id LIMIT %s
    ) AS page
) AS sized USING (order_id)
WHERE before_it < %s ORDER BY order_id
"""

LOCK_ORDERS = """
SELECT order_id, status, lines_version, version FROM `order` WHERE order_id IN ({}) ORDER BY order_id FOR UPDATE
"""

MOVE = """
UPDATE `order` SET status = %s, {}updated_at = %s, version = version + 1 WHERE order_id = %s AND version = %s
"""

CHANGE_LINES = """
UPDATE `order`
SET status = %s, subtotal = %s, lines_version = %s, line_count = %s, delivery_addresses = %s, updated_at = %s,
    version = version + 1
WHERE order_id = %s AND version = %s
"""

CORRECT_ADDRESS = """
UPDATE `order` SET delivery_addresses = %s, updated_at = %s, version = version + 1 WHERE order_id = %s AND version = %s
"""


async def insert_order(tx: Connection, order: Row, lines: Sequence[Row]) -> Row:
    """Write an order and its lines. Returns the order with its number. Raises ExternalIdTaken.

    The lines are sent together with the next statement.
    """
    try:
        number = await tx.insert(INSERT_ORDER, [order[column] for column in ORDER_COLUMNS])
    except pymysql.err.IntegrityError as error:
        is_taken = error.args[0] == DUPLICATE and order["external_id"] is not None
        raise ExternalIdTaken(order["external_id"]) if is_taken else error from error
    insert_lines(tx, lines)
    return {**order, "number": number}


def insert_order_later(tx: Connection, order: Row, lines: Sequence[Row]) -> Row:
    """Write a new order and its lines in the same round trip as the next statement.

    Returns the order with GENERATED_ID as its number, which replaces it in the response.
    """
    tx.insert_later(INSERT_ORDER, [order[column] for column in ORDER_COLUMNS])
    insert_lines(tx, lines)
    return {**order, "number": GENERATED_ID}


def insert_lines(tx: Connection, lines: Sequence[Row]) -> None:
    """Write lines in one statement, which is sent together with the next one."""
    sql = INSERT_LINES.format(", ".join([f"({placeholders(LINE_COLUMNS)})"] * len(lines)))
    tx.later(sql, [line[column] for line in lines for column in LINE_COLUMNS])


async def find_order(connection: Connection, order_id: UUID, *, lock: bool = False) -> Row | None:
    """The row of one order, or None. With `lock`, locked until the transaction ends."""
    return await connection.fetch_one(SELECT_ORDER + (" FOR UPDATE" if lock else ""), [str(order_id)])


async def find_by_external_id(connection: Connection, external_id: str, source: str) -> Row | None:
    """The order that was imported from a source under this id, or None."""
    sql = "SELECT * FROM `order` WHERE external_id = %s AND source = %s"
    return await connection.fetch_one(sql, [external_id, source])


async def find_lines(connection: Connection, order: Row) -> list[Row]:
    """The current lines of an order, in their order."""
    return await connection.fetch_all(SELECT_LINES, [order["order_id"], order["lines_version"]])


async def find_orders_after(connection: Connection, after: str, limit: int, most_bytes: int) -> list[Row]:
    """At most `limit` orders whose id sorts after `after`: at least one, together at most about `most_bytes`.

    The bytes include all lines. In memory, rows and their JSON take several times as much.
    """
    return await connection.fetch_all(SELECT_AFTER, [after, limit, most_bytes])


async def find_lines_of(connection: Connection, orders: Sequence[Row]) -> dict[str, list[Row]]:
    """The current lines of each of these orders, by its id, in their order."""
    lines: dict[str, list[Row]] = {order["order_id"]: [] for order in orders}
    versions = {order["order_id"]: order["lines_version"] for order in orders}
    if orders:
        for line in await connection.fetch_all(SELECT_LINES_OF.format(placeholders(lines)), list(lines)):
            if line["lines_version"] == versions[line["order_id"]]:
                lines[line["order_id"]].append(line)
    return lines


async def moved_orders(connection: Connection, ids: Collection[str]) -> set[str]:
    """Those of these orders that have left the status `placed`."""
    sql = f"SELECT order_id FROM `order` WHERE order_id IN ({placeholders(ids)}) AND status <> %s"
    rows = await connection.fetch_all(sql, [*ids, OrderStatus.PLACED.value])
    return {row["order_id"] for row in rows}


async def lock_orders(tx: Connection, ids: Sequence[str]) -> dict[str, Row]:
    """Those of these orders that exist, by id, with what is needed to move them; locked until the transaction ends."""
    rows = await tx.fetch_all(LOCK_ORDERS.format(placeholders(ids)), ids)
    return {row["order_id"]: row for row in rows}


def move(tx: Connection, order: Row, command: Command, status: OrderStatus, reason: str | None) -> Row:
    """Give an order, which is locked, its next status, together with the next statement. Returns the new row."""
    moment = now()
    marks: Row = {TIMES[command]: moment} if command in TIMES else {}
    marks |= {REASONS[command]: reason} if command in REASONS else {}
    assignments = "".join(f"{column} = %s, " for column in marks)
    parameters = (status.value, *marks.values(), moment, order["order_id"], order["version"])
    tx.later(MOVE.format(assignments), parameters)
    return {**order, **marks, "status": status.value, "updated_at": moment, "version": order["version"] + 1}


def raise_version(tx: Connection, order: Row) -> Row:
    """Give an order, which is locked, a version more, together with the next statement. Returns the new row."""
    moment = now()
    tx.later(MOVE.format(""), (order["status"], moment, order["order_id"], order["version"]))
    return {**order, "updated_at": moment, "version": order["version"] + 1}


async def change_lines(tx: Connection, order: Row, status: OrderStatus, placed: OrderTerms) -> tuple[Row, list[Row]]:
    """Replace the lines of an order, which is locked, and its status; the old lines stay as history.

    Returns the new rows.
    """
    lines = lines_of(order["order_id"], order["lines_version"] + 1, placed)
    changes = {
        "status": status.value,
        "subtotal": placed.subtotal,
        "lines_version": order["lines_version"] + 1,
        "line_count": len(lines),
        "delivery_addresses": as_json(placed.delivery_addresses),
        "updated_at": now(),
    }
    insert_lines(tx, lines)
    await tx.execute(CHANGE_LINES, (*changes.values(), order["order_id"], order["version"]))
    return {**order, **changes, "version": order["version"] + 1}, lines


async def correct_address(tx: Connection, order: Row, addresses: Sequence[DeliveryAddress]) -> Row:
    """Replace the delivery addresses of an order, which is locked. Returns the new row."""
    changes = {"delivery_addresses": as_json(addresses, "#"), "updated_at": now()}
    await tx.execute(CORRECT_ADDRESS, (*changes.values(), order["order_id"], order["version"]))
    return {**order, **changes, "version": order["version"] + 1}
