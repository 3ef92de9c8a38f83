"""The transactions that write to the read model, and how `oms rebuild` puts another in its place between two of them.

The locks have the schema's name in their key, so that a rebuild, which writes beside the live read model with the same
handlers, waits for no one and keeps no one waiting.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.databases.postgres import Database, PoolConnection

# Taken before any table is touched. A transaction that had found its tables already would go on writing into them after
# they were renamed, and its offsets would be committed all the same.
_WITH_OTHERS = "SELECT pg_advisory_xact_lock_shared(hashtext('writing ' || current_setting('search_path')), 0)"

# One partition of `order` and `order_detail` is written by one transaction at a time, also while it moves between
# workers: versions of one order are written in their order.
_ONE_PARTITION = f"{_WITH_OTHERS}, pg_advisory_xact_lock(hashtext('orders of ' || current_setting('search_path')), $1)"

# Whoever waits to see a write (the gateway) looks again when this is heard. Postgres tells it once the transaction is
# committed; the name has the schema in it, so that a read model which nobody reads yet wakes nobody.
_TOLD = "pg_notify('projected in ' || current_setting('search_path'), '')"

_ALONE = "SELECT pg_advisory_xact_lock(hashtext('writing ' || $1), 0)"


@asynccontextmanager
async def writing(read_model: Database) -> AsyncIterator[PoolConnection]:
    """A transaction that may write. Waits while the read model is swapped."""
    async with read_model.transaction() as tx:
        await tx.execute(f"{_WITH_OTHERS}, {_TOLD}")
        yield tx


@asynccontextmanager
async def writing_orders(read_model: Database, partition: int) -> AsyncIterator[PoolConnection]:
    """A transaction that may write orders: the only one for this partition number."""
    async with read_model.transaction() as tx:
        await tx.execute(f"{_ONE_PARTITION}, {_TOLD}", partition)
        yield tx


async def wait_for_writers(tx: PoolConnection, schema: str) -> None:
    """Return when no transaction writes to the schema; none begins to until this one ends."""
    await tx.execute(_ALONE, schema)
