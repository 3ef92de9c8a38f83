"""The SQL of what is written and not published yet: superseded versions, and what the last transactions left."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.chunks.batch import Position
from chassis.databases.postgres import PoolConnection
from contracts.orders import OrderRow
from orders_stream.repository import ADVANCE, columns_of, upsert
from orders_stream.upserts import UNPUBLISHED_ORDERS

FIRST_VERSION = 1
"""The version that a row has in MySQL when it is written; it supersedes nothing."""

# Versions that were heard of and not shown yet, and that the arriving ones would overwrite.
KEEP_UNSHOWN = """
INSERT INTO unpublished_order
SELECT heard.* FROM unnest($1::uuid[], $2::bigint[]) AS arriving (order_id, version)
JOIN heard_order AS heard USING (order_id)
LEFT JOIN shown_order AS shown USING (order_id)
WHERE heard.version < arriving.version AND heard.version > coalesce(shown.version, 0)
ORDER BY heard.order_id
ON CONFLICT DO NOTHING
"""

# How far was read, and which orders this transaction leaves to be published. False when the last transaction for this
# partition number was not `$8`: what that one left may not be published yet.
ADVANCE_AND_LEAVE = f"""
WITH left_to_publish AS (
    UPDATE publishing SET transaction_id = $6, order_ids = $7 WHERE partition = $5 AND transaction_id = $8 RETURNING 1
), advanced AS ({ADVANCE})
SELECT EXISTS (SELECT FROM left_to_publish)
"""

LEFT_TO_PUBLISH = "SELECT transaction_id, order_ids FROM publishing WHERE partition = $1"

TAKE_OVER = """
INSERT INTO publishing AS here VALUES ($1, $2, '{}')
ON CONFLICT (partition) DO UPDATE SET transaction_id = $2, order_ids = '{}' WHERE here.transaction_id = $3
RETURNING true
"""

FORGET_PUBLISHED = """
DELETE FROM unpublished_order AS kept USING unnest($1::uuid[], $2::bigint[]) AS published (order_id, version)
WHERE kept.order_id = published.order_id AND kept.version <= published.version
"""

# As long as topics may keep what was superseded: addresses are in it.
FORGET_UNPUBLISHED = "DELETE FROM unpublished_order WHERE updated_at < now() - interval '7 days'"


async def keep(tx: PoolConnection, arriving: Sequence[OrderRow], older: Sequence[OrderRow]) -> None:
    """Keep the versions of orders that are superseded before they were published: `older`, and those heard before."""
    changes = [(row.order_id, row.newest_version) for row in arriving if row.newest_version > FIRST_VERSION]
    if changes:
        await tx.execute(KEEP_UNSHOWN, *map(list, zip(*changes, strict=True)))
    await upsert(tx, UNPUBLISHED_ORDERS, older)


async def advance_and_leave(
    tx: PoolConnection,
    positions: Sequence[Position],
    partition: int,
    orders: Sequence[UUID],
    own: UUID,
    before: UUID | None,
) -> bool:
    """Advance, and store which orders the transaction `own` leaves to be published, as the last for its partition.

    False when the last one was not `before`: then this transaction must not be committed.
    """
    columns = columns_of(positions)
    return bool(await tx.fetchval(ADVANCE_AND_LEAVE, *columns, partition, own, orders, before))


async def left_to_publish(tx: PoolConnection, partition: int) -> tuple[UUID | None, list[UUID]]:
    """The last transaction for a partition number, None before the first, and the orders it left to be published."""
    row = await tx.fetchrow(LEFT_TO_PUBLISH, partition)
    return (row["transaction_id"], row["order_ids"]) if row else (None, [])


async def take_over(tx: PoolConnection, partition: int, own: UUID, before: UUID | None) -> bool:
    """Be the last transaction for a partition number, which leaves nothing. False when the last was not `before`."""
    return bool(await tx.fetchval(TAKE_OVER, partition, own, before))


async def forget_published(tx: PoolConnection, orders: Sequence[tuple[UUID, int]]) -> None:
    """Remove the versions of these orders that were kept to be published, up to the given ones."""
    await tx.execute(FORGET_PUBLISHED, *map(list, zip(*orders, strict=True)))


async def forget_unpublished(connection: PoolConnection) -> None:
    """Remove the versions that nobody was told of within a week: their lines did not come."""
    await connection.execute(FORGET_UNPUBLISHED)
