"""The SQL of `replica_sourcing`: which orders inventory has decided about, which are short, and the newest versions."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.databases.mysql import Connection, Row, placeholders
from chassis.databases.mysql_times import stored
from chassis.databases.mysql_upserts import write_newer
from contracts.inventory.sourcing import SourcingRow
from orders.sourcing.rules import short_of

COLUMNS = ("order_id", "placed_at", "on_request", "short_of", "deleted", "version")

# What is committed now, whatever the transaction has read before.
_SHORT_OF = "SELECT short_of FROM replica_sourcing WHERE order_id = %s LOCK IN SHARE MODE"

_IS_SOURCED = """
SELECT EXISTS (SELECT 1 FROM replica_sourcing WHERE order_id = %s AND deleted = FALSE)
    OR EXISTS (SELECT 1 FROM replica_sourcing WHERE deleted = FALSE AND on_request = FALSE AND placed_at <= %s)
    AS is_sourced
"""


async def newer(tx: Connection, rows: Sequence[SourcingRow]) -> list[SourcingRow]:
    """The rows that are newer than the stored ones. The orders must be locked, so that two writers take turns."""
    sql = f"SELECT order_id, version FROM replica_sourcing WHERE order_id IN ({placeholders(rows)})"
    found = await tx.fetch_all(sql, [str(row.order_id) for row in rows])
    versions = {row["order_id"]: row["version"] for row in found}
    return [row for row in rows if row.newest_version > versions.get(str(row.order_id), 0)]


async def upsert(tx: Connection, rows: Sequence[SourcingRow]) -> None:
    """Write the rows that are newer than the stored ones."""
    values = [
        (
            str(row.order_id),
            stored(row.placed_at),
            row.on_request,
            short_of(row),
            row.is_deleted,
            row.newest_version,
        )
        for row in rows
    ]
    await write_newer(tx, "replica_sourcing", COLUMNS, values)


async def is_sourced(connection: Connection, order: Row) -> bool:
    """Whether inventory decides about this order, or will: it sources all orders from the first one on that it sourced.

    Until its decision arrives there is no row of the order itself, and a confirmation by hand would promise units that
    nobody has reserved. An order from before, which was sourced on request, says nothing about others.
    """
    row = await connection.fetch_one(_IS_SOURCED, [order["order_id"], order["placed_at"]])
    return row is not None and bool(row["is_sourced"])


async def read_short_of(connection: Connection, order: Row) -> str | None:
    """Which units of an order are missing, or None. The order must be locked, so that no sourcing is being applied."""
    row = await connection.fetch_one(_SHORT_OF, [order["order_id"]])
    return row["short_of"] if row else None
