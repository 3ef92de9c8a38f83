"""The SQL of versions that are committed and not yet published."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.chunks.batch import Position
from chassis.databases.postgres import PoolConnection
from contracts.orders import OrderRow
from orders_stream.repository import ADVANCE, columns_of, upsert
from orders_stream.upserts import UNPUBLISHED_ORDERS

FIRST_VERSION = 1
"""The version of a row that was inserted in MySQL; it supersedes nothing."""

# Versions that arrived and are not shown yet, and that the arriving ones would overwrite.
KEEP_UNSHOWN = f"""
INSERT INTO unpublished_order ({UNPUBLISHED_ORDERS.columns})
SELECT heard.* FROM unnest($1::uuid[], $2::bigint[]) AS arriving (order_id, version)
JOIN (SELECT {UNPUBLISHED_ORDERS.columns} FROM heard_order) AS heard USING (order_id)
LEFT JOIN shown_order AS shown USING (order_id)
WHERE heard.version < arriving.version AND heard.version > coalesce(shown.version, 0)
ORDER BY heard.order_id
ON CONFLICT DO NOTHING
"""

# Stores the positions and the orders that this transaction must publish. False if the last transaction of this
# partition number was not `$8`: its orders may not be published yet.
ADVANCE_AND_NOTE_PENDING = f"""
WITH pending_orders AS (
    UPDATE publishing SET transaction_id = $6, order_ids = $7 WHERE partition = $5 AND transaction_id = $8 RETURNING 1
), advanced AS ({ADVANCE})
SELECT EXISTS (SELECT FROM pending_orders)
"""

PENDING_ORDERS = "SELECT transaction_id, order_ids FROM publishing WHERE partition = $1"

TAKE_OVER = """
INSERT INTO publishing AS here VALUES ($1, $2, '{}')
ON CONFLICT (partition) DO UPDATE SET transaction_id = $2, order_ids = '{}' WHERE here.transaction_id = $3
RETURNING true
"""

FORGET_PUBLISHED = """
DELETE FROM unpublished_order AS kept USING unnest($1::uuid[], $2::bigint[]) AS published (order_id, version)
WHERE kept.order_id = published.order_id AND kept.version <= published.version
"""

# As long as topics may keep superseded records: these rows contain addresses.
FORGET_UNPUBLISHED = "DELETE FROM unpublished_order WHERE updated_at < now() - interval '7 days'"


async def keep(tx: PoolConnection, arriving: Sequence[OrderRow], older: Sequence[OrderRow]) -> None:
    """Keep versions that are superseded before they are published: `older`, and those that arrived before."""
    changes = [(row.order_id, row.newest_version) for row in arriving if row.newest_version > FIRST_VERSION]
    if changes:
        await tx.execute(KEEP_UNSHOWN, *map(list, zip(*changes, strict=True)))
    await upsert(tx, UNPUBLISHED_ORDERS, older)


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
    columns = columns_of(positions)
    return bool(await tx.fetchval(ADVANCE_AND_NOTE_PENDING, *columns, partition, own, orders, before))


async def pending_orders(tx: PoolConnection, partition: int) -> tuple[UUID | None, list[UUID]]:
    """The last transaction of a partition number, None before the first, and the orders that it must publish."""
    row = await tx.fetchrow(PENDING_ORDERS, partition)
    return (row["transaction_id"], row["order_ids"]) if row else (None, [])


async def take_over(tx: PoolConnection, partition: int, own: UUID, before: UUID | None) -> bool:
    """Become the last transaction of a partition number, with no orders. False if the last was not `before`."""
    return bool(await tx.fetchval(TAKE_OVER, partition, own, before))


async def forget_published(tx: PoolConnection, orders: Sequence[tuple[UUID, int]]) -> None:
    """Delete the kept versions of these orders, up to the given ones."""
    await tx.execute(FORGET_PUBLISHED, *map(list, zip(*orders, strict=True)))


async def forget_unpublished(connection: PoolConnection) -> None:
    """Delete versions that were not published within a week: their lines never arrived."""
    await connection.execute(FORGET_UNPUBLISHED)
