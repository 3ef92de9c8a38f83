"""The SQL of `orders_stream`: what it writes to the read model, and which orders others are told of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from aiokafka import TopicPartition

from chassis.chunks.batch import Position
from chassis.freshness import FreshUntil
from chassis.offsets import Offset
from chassis.postgres import PoolConnection
from contracts.rows import Row
from orders_stream.upserts import Upsert

# The newest row heard of becomes the shown one as soon as all lines of its lines_version are here, whichever came last.
SHOW_WHOLE_ORDERS = """
INSERT INTO shown_order AS shown
SELECT heard.* FROM heard_order AS heard
WHERE heard.order_id = ANY($1::uuid[])
  AND (heard.deleted OR heard.line_count = (
      SELECT count(*) FROM order_line AS line
      WHERE line.order_id = heard.order_id AND line.lines_version = heard.lines_version
  ))
ORDER BY heard.order_id
ON CONFLICT (order_id) DO UPDATE SET
    external_id = excluded.external_id,
    customer_id = excluded.customer_id,
    status = excluded.status,
    currency = excluded.currency,
    total = excluded.total,
    freight = excluded.freight,
    lines_version = excluded.lines_version,
    line_count = excluded.line_count,
    placed_at = excluded.placed_at,
    required_at = excluded.required_at,
    shipped_at = excluded.shipped_at,
    cancelled_at = excluded.cancelled_at,
    cancellation_reason = excluded.cancellation_reason,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at,
    confirmed_at = excluded.confirmed_at,
    delivered_at = excluded.delivered_at,
    rejected_at = excluded.rejected_at,
    rejection_reason = excluded.rejection_reason,
    erased_at = excluded.erased_at,
    delivery_addresses = excluded.delivery_addresses,
    source = excluded.source,
    version = excluded.version,
    deleted = excluded.deleted
WHERE shown.version < excluded.version
"""

ADVANCE = """
INSERT INTO progress AS here (topic, partition, next_offset, committed_at)
SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::timestamptz[]) ORDER BY 1, 2
ON CONFLICT (topic, partition) DO UPDATE SET
    next_offset = excluded.next_offset, committed_at = excluded.committed_at, projected_at = now()
WHERE here.next_offset < excluded.next_offset
"""

# Who shows how fresh the read model is hears it at once.
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
SELECT customer_id, order_id FROM shown_order
WHERE customer_id = ANY($1::uuid[]) AND (customer_id, order_id) > ($2, $3)
ORDER BY customer_id, order_id
LIMIT $4
"""


class OrderOf(NamedTuple):
    """An order among those of some customers, and a place in a list of them."""

    customer_id: UUID
    order_id: UUID


FIRST = OrderOf(UUID(int=0), UUID(int=0))
"""The place before all orders."""


async def upsert(tx: PoolConnection, statement: Upsert, rows: Sequence[Row]) -> None:
    """Write the rows whose version is newer than the one here."""
    if rows:
        await tx.execute(statement.sql, *statement.arrays(rows))


async def show_whole_orders(tx: PoolConnection, orders: Collection[UUID]) -> None:
    """Show the newest state of those orders that are whole; the others stay as they were shown last."""
    if orders:
        await tx.execute(SHOW_WHOLE_ORDERS, orders)


async def advance(tx: PoolConnection, positions: Sequence[Position]) -> None:
    """Store how far each topic's partition was read, in the transaction of its rows."""
    if positions:
        columns = [(each.topic, each.partition, each.next_offset, each.committed_at) for each in positions]
        await tx.execute(ADVANCE, *map(list, zip(*columns, strict=True)))


async def orders_of(
    connection: PoolConnection, customers: Collection[UUID], behind: OrderOf, at_most: int
) -> list[OrderOf]:
    """The next orders of these customers, deleted ones too."""
    rows = await connection.fetch(ORDERS_OF_CUSTOMERS, customers, *behind, at_most)
    return [OrderOf(*row) for row in rows]


async def check_tables(connection: PoolConnection) -> None:
    """Return when the read model has its tables. Raises what Postgres raises when it has not."""
    await connection.execute("SELECT FROM shown_order LIMIT 0")


async def positions(connection: PoolConnection) -> Offset:
    """The next offset of each partition that was read; nothing when all topics must be read from their start."""
    rows = await connection.fetch("SELECT topic, partition, next_offset FROM progress")
    return {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}


async def note_freshness(connection: PoolConnection, fresh: FreshUntil) -> None:
    """Store until when the read model holds all that a database had committed; it never goes back."""
    await connection.execute(FRESH_UNTIL, fresh.source, fresh.moment)
