"""The SQL of the history of orders: who did what, when, from which version to which."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.databases.mysql import Connection, Row

INSERT = """
INSERT INTO order_history (order_id, to_version, from_version, command, status, caller, reason, happened_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""


def note(tx: Connection, order: Row, command: str, caller: str | None, reason: str | None = None) -> None:
    """Record a command in the transaction of the change; `order` is the row after it.

    `caller` is the client's name, if it sent one. The statement is sent together with the next one.
    """
    tx.later(INSERT, _entry(order, command, caller, reason))


async def note_all(
    tx: Connection, orders: Sequence[Row], command: str, caller: str | None, reason: str | None = None
) -> None:
    """Record the same command for several orders, in one statement."""
    await tx.execute_many(INSERT, [_entry(order, command, caller, reason) for order in orders])


async def commands(connection: Connection, order_id: str) -> list[str]:
    """The commands in the history of an order, oldest first."""
    sql = "SELECT command FROM order_history WHERE order_id = %s ORDER BY to_version"
    return [row["command"] for row in await connection.fetch_all(sql, [order_id])]


async def first_status(connection: Connection, order_id: str) -> str | None:
    """The status with which an order was created; None for one from before there was a history."""
    sql = "SELECT status FROM order_history WHERE order_id = %s ORDER BY to_version LIMIT 1"
    row = await connection.fetch_one(sql, [order_id])
    return str(row["status"]) if row else None


def _entry(order: Row, command: str, caller: str | None, reason: str | None) -> list[object]:
    version = order["version"]
    before = version - 1 or None
    return [order["order_id"], version, before, str(command), order["status"], caller, reason, order["updated_at"]]
