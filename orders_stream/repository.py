"""The SQL of `orders_stream`: writes to the read model, and the orders to republish."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from aiokafka import TopicPartition

from chassis.chunks.batch import Position
from chassis.databases.postgres import Database, PoolConnection
from chassis.databases.postgres_upserts import Upsert
from chassis.kafka.freshness import FreshUntil
from chassis.kafka.offsets import Offset
from contracts.rows import Row

ADVANCE = """
INSERT INTO progress AS here (topic, partition, next_offset, committed_at)
SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::timestamptz[]) ORDER BY 1, 2
ON CONFLICT (topic, partition) DO UPDATE SET
    next_offset = excluded.next_offset, committed_at = excluded.committed_at, projected_at = now()
WHERE here.next_offset < excluded.next_offset
"""

# Also the orders that this transaction must publish. Nothing is returned if the last transaction of this partition
# number was not `$8`: its orders may not be published yet.
ADVANCE_AND_NOTE_PENDING = f"""
WITH advanced AS ({ADVANCE})
INSERT INTO publishing AS here VALUES ($5, $6, $7)
ON CONFLICT (partition) DO UPDATE SET transaction_id = $6, order_ids = $7 WHERE here.transaction_id = $8
RETURNING true
"""

PENDING_ORDERS = "SELECT transaction_id, order_ids FROM publishing WHERE partition = $1"

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

# The oldest of the stores that sell online. Nothing while one of them has never reported.
ANNOUNCE_STORES = """
SELECT pg_notify(
    'fresh in ' || current_setting('search_path'),
    json_build_object('source', 'stores', 'fresh_until', min(fresh_until))::text
) FROM store WHERE NOT deleted AND sells_online
HAVING bool_and(fresh_until IS NOT NULL)
"""

ORDERS_OF_CUSTOMERS = """
SELECT customer_id, order_id FROM (
    SELECT *, sum(line_count) OVER (ORDER BY customer_id, order_id) AS lines, row_number() OVER () AS number FROM (
        SELECT customer_id, order_id, line_count FROM sales_order
        WHERE customer_id = ANY($1::uuid[]) AND (customer_id, order_id) > ($2, $3)
        ORDER BY customer_id, order_id LIMIT $4
    ) AS page
) AS page WHERE lines <= $5 OR number = 1
ORDER BY customer_id, order_id
"""


class CustomerOrder(NamedTuple):
    """An order of one of some customers; also a position in the list of their orders."""

    customer_id: UUID
    order_id: UUID


FIRST = CustomerOrder(UUID(int=0), UUID(int=0))
"""The position before all orders."""


async def upsert(tx: PoolConnection, statement: Upsert, rows: Sequence[Row]) -> None:
    """Write the rows that are newer than the stored ones."""
    if rows:
        await tx.execute(statement.sql, *statement.arrays(rows))


async def announce_stores(tx: PoolConnection) -> None:
    """Announce the time up to which the stock of all stores is in the read model, to readers that report freshness."""
    await tx.execute(ANNOUNCE_STORES)


async def advance(tx: PoolConnection, positions: Sequence[Position]) -> None:
    """Store the position in each partition, in the transaction of its rows."""
    if positions:
        await tx.execute(ADVANCE, *_columns(positions))


async def advance_and_note_pending(
    tx: PoolConnection,
    positions: Sequence[Position],
    partition: int,
    orders: Sequence[UUID],
    own: UUID,
    before: UUID | None,
) -> bool:
    """Advance, and store the orders that the transaction `own`, now the last of its partition, must publish.

    False if the last one was not `before`: then this transaction must not be committed.
    """
    return bool(await tx.fetchval(ADVANCE_AND_NOTE_PENDING, *_columns(positions), partition, own, orders, before))


async def pending_orders(tx: PoolConnection, partition: int) -> tuple[UUID | None, list[UUID]]:
    """The last transaction of a partition number, None before the first, and the orders that it must publish."""
    row = await tx.fetchrow(PENDING_ORDERS, partition)
    return (row["transaction_id"], row["order_ids"]) if row else (None, [])


async def orders_of(
    read_model: Database, customers: Collection[UUID], after: CustomerOrder, at_most: int, lines: int
) -> list[CustomerOrder]:
    """The next orders of these customers, deleted ones too: one, or as many as have so many `lines` together."""
    rows = await read_model.fetch(ORDERS_OF_CUSTOMERS, (customers, *after, at_most, lines))
    return [CustomerOrder(*row) for row in rows]


def _columns(positions: Sequence[Position]) -> tuple[list[str], list[int], list[int], list[datetime]]:
    """Positions as `ADVANCE` takes them."""
    return (
        [each.topic for each in positions],
        [each.partition for each in positions],
        [each.next_offset for each in positions],
        [each.committed_at for each in positions],
    )


async def check_tables(read_model: Database) -> None:
    """Check that the read model has its tables. Raises asyncpg's error if it does not."""
    await read_model.fetch("SELECT FROM sales_order LIMIT 0", ())


async def positions(read_model: Database) -> Offset:
    """The next offset of each partition; empty if all topics must be read from the beginning."""
    rows = await read_model.fetch("SELECT topic, partition, next_offset FROM progress", ())
    return {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}


async def note_freshness(read_model: Database, fresh: FreshUntil) -> None:
    """Store the time up to which the read model has all commits of a database; it never decreases."""
    await read_model.fetch(FRESH_UNTIL, (fresh.source, fresh.moment))
