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
SELECT customer_id, order_id, line_count FROM sales_order
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
