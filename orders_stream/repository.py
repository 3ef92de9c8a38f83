"""The SQL of `orders_stream`: writes to the read model, and the orders to republish."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from aiokafka import TopicPartition

from chassis.chunks.batch import Position
from chassis.databases.postgres import PoolConnection
from chassis.kafka.freshness import FreshUntil
from chassis.kafka.offsets import Offset
from contracts.rows import Row
from orders_stream.upserts import ORDERS, Upsert

_WHOLE = """(
    {order}.deleted OR {order}.line_count <= (
        SELECT count(DISTINCT line.line_number) FROM order_line AS line
        WHERE line.order_id = {order}.order_id AND line.lines_version = {order}.lines_version
          AND (NOT line.deleted OR line.line_number <= {order}.line_count)
    )
)"""


def is_whole(order: str) -> str:
    """The SQL condition that all lines of an order's `lines_version` have arrived; `order` is the alias of its row.

    Lines are counted by their number. A line that was deleted by hand counts as arrived. A line that MySQL never had,
    and that `oms reconcile --repair` deleted, has the number of another line or one beyond the last.
    """
    return _WHOLE.format(order=order)


# The newest version becomes the shown one as soon as all lines of its lines_version have arrived, in any order.
SHOW_WHOLE_ORDERS = f"""
INSERT INTO shown_order AS shown ({ORDERS.columns})
SELECT DISTINCT ON (known.order_id) known.* FROM (
    SELECT {ORDERS.columns} FROM heard_order WHERE order_id = ANY($1::uuid[])
    UNION ALL
    SELECT {ORDERS.columns} FROM unpublished_order WHERE order_id = ANY($1::uuid[])
) AS known
WHERE {is_whole("known")}
ORDER BY known.order_id, known.version DESC
ON CONFLICT (order_id) DO UPDATE SET {ORDERS.assignments}
WHERE shown.version < excluded.version
"""

# Materialized, since the lines of orders that are shown need not be counted again.
UNSHOWN = f"""
WITH heard AS MATERIALIZED (
    SELECT heard.order_id, heard.lines_version, heard.line_count, heard.deleted FROM heard_order AS heard
    LEFT JOIN shown_order AS shown USING (order_id)
    WHERE heard.order_id = ANY($1::uuid[]) AND heard.version > coalesce(shown.version, 0)
)
SELECT order_id FROM heard WHERE {is_whole("heard")} ORDER BY order_id
"""

ADVANCE = """
INSERT INTO progress AS here (topic, partition, next_offset, committed_at)
SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::timestamptz[]) ORDER BY 1, 2
ON CONFLICT (topic, partition) DO UPDATE SET
    next_offset = excluded.next_offset, committed_at = excluded.committed_at, projected_at = now()
WHERE here.next_offset < excluded.next_offset
"""

# Notifies readers that report the freshness.
FRESH_UNTIL = """
WITH noted AS (
    INSERT INTO freshness AS here (source, fresh_until) VALUES ($1, $2)
    ON CONFLICT (source) DO UPDATE SET fresh_until = excluded.fresh_until
    WHERE here.fresh_until < excluded.fresh_until
    RETURNING source, fresh_until
)
SELECT pg_notify(
    'fresh in ' || current_setting('search_path'),
    json_build_object('source', source, 'fresh_until', fresh_until)::text
) FROM noted
"""

ORDERS_OF_CUSTOMERS = """
SELECT customer_id, order_id, line_count FROM shown_order
WHERE customer_id = ANY($1::uuid[]) AND (customer_id, order_id) > ($2, $3)
ORDER BY customer_id, order_id
LIMIT $4
"""


class CustomerOrder(NamedTuple):
    """An order of one of some customers; also a position in the list of their orders."""

    customer_id: UUID
    order_id: UUID
    line_count: int = 0


FIRST = CustomerOrder(UUID(int=0), UUID(int=0))
"""The position before all orders."""


async def upsert(tx: PoolConnection, statement: Upsert, rows: Sequence[Row]) -> None:
    """Write the rows that are newer than the stored ones."""
    if rows:
        await tx.execute(statement.sql, *statement.arrays(rows))


async def show_whole_orders(tx: PoolConnection, orders: Collection[UUID]) -> None:
    """Show the newest complete version of each of these orders; an order without one stays as it was."""
    if orders:
        await tx.execute(SHOW_WHOLE_ORDERS, orders)


async def unshown(connection: PoolConnection, orders: Collection[UUID]) -> list[UUID]:
    """Those of these orders whose newest version is complete and not shown."""
    rows = await connection.fetch(UNSHOWN, orders) if orders else []
    return [row["order_id"] for row in rows]


async def advance(tx: PoolConnection, positions: Sequence[Position]) -> None:
    """Store the position in each partition, in the transaction of its rows."""
    if positions:
        await tx.execute(ADVANCE, *columns_of(positions))


async def orders_of(
    connection: PoolConnection, customers: Collection[UUID], after: CustomerOrder, at_most: int
) -> list[CustomerOrder]:
    """The next orders of these customers, deleted ones too."""
    rows = await connection.fetch(ORDERS_OF_CUSTOMERS, customers, after.customer_id, after.order_id, at_most)
    return [CustomerOrder(*row) for row in rows]


def columns_of(positions: Sequence[Position]) -> tuple[list[str], list[int], list[int], list[datetime]]:
    """Positions as `ADVANCE` takes them."""
    return (
        [each.topic for each in positions],
        [each.partition for each in positions],
        [each.next_offset for each in positions],
        [each.committed_at for each in positions],
    )


async def check_tables(connection: PoolConnection) -> None:
    """Check that the read model has its tables. Raises asyncpg's error if it does not."""
    await connection.execute("SELECT FROM shown_order LIMIT 0")


async def positions(connection: PoolConnection) -> Offset:
    """The next offset of each partition; empty if all topics must be read from the beginning."""
    rows = await connection.fetch("SELECT topic, partition, next_offset FROM progress")
    return {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}


async def note_freshness(connection: PoolConnection, fresh: FreshUntil) -> None:
    """Store the time up to which the read model has all commits of a database; it never decreases."""
    await connection.execute(FRESH_UNTIL, fresh.source, fresh.moment)
