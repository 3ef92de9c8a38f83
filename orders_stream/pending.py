"""The SQL of the table `publishing`: what the last transaction of each partition number must publish."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.chunks.batch import Position
from chassis.databases.postgres import PoolConnection
from orders_stream.repository import ADVANCE, columns_of

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
