"""The SQL of what became of an order: who did what, when, and from which version to which."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.databases.mysql import Connection, Row

INSERT = """
INSERT INTO order_history (order_id, to_version, from_version, command, status, caller, reason, happened_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""


def note(tx: Connection, order: Row, command: str, caller: str | None, reason: str | None = None) -> None:
    """Note what a client did to an order, in the transaction of the change; `order` is its row as it is then.

    `caller` is the client's name, if it has one. It is sent with the next statement.
    """
    tx.later(INSERT, _entry(order, command, caller, reason))


async def note_all(
    tx: Connection, orders: Sequence[Row], command: str, caller: str | None, reason: str | None = None
) -> None:
    """The same for several orders, in one statement."""
    await tx.execute_many(INSERT, [_entry(order, command, caller, reason) for order in orders])


async def commands(connection: Connection, order_id: str) -> list[str]:
    """What was done to an order, the oldest first."""
    sql = "SELECT command FROM order_history WHERE order_id = %s ORDER BY to_version"
    return [row["command"] for row in await connection.fetch_all(sql, [order_id])]


def _entry(order: Row, command: str, caller: str | None, reason: str | None) -> list[object]:
    version = order["version"]
    before = version - 1 or None
    return [order["order_id"], version, before, str(command), order["status"], caller, reason, order["updated_at"]]
