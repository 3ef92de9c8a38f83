"""The transactions that write to the read model. `oms rebuild` replaces the read model between two of them.

The locks have the schema's name in their key, so that a rebuild, which writes beside the live read model with the same
handlers, neither waits nor blocks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.databases.postgres import Database, PoolConnection

# Taken before any table is accessed. A transaction that had opened its tables already would go on writing into them
# after they were renamed, and its offsets would still be committed.
_WITH_OTHERS = "SELECT pg_advisory_xact_lock_shared(hashtext('writing ' || current_setting('search_path')), 0)"

# One partition of `order` and `order_detail` is written by one transaction at a time, also while it moves between
# workers: versions of one order are written in their order.
_ONE_PARTITION = f"{_WITH_OTHERS}, pg_advisory_xact_lock(hashtext('orders of ' || current_setting('search_path')), $1)"

# Wakes readers that wait for a write (the gateway). Postgres delivers it once the transaction is committed. The name
# includes the schema, so that a read model under construction wakes no reader.
_NOTIFY = "pg_notify('projected in ' || current_setting('search_path'), '')"

_EXCLUSIVE = "SELECT pg_advisory_xact_lock(hashtext('writing ' || $1), 0)"


@asynccontextmanager
async def writing(read_model: Database) -> AsyncIterator[PoolConnection]:
    """A transaction that may write. Waits while a rebuild swaps the read model."""
    async with read_model.transaction() as tx:
        await tx.execute(f"{_WITH_OTHERS}, {_NOTIFY}")
        yield tx


@asynccontextmanager
async def writing_orders(read_model: Database, partition: int) -> AsyncIterator[PoolConnection]:
    """A transaction that may write orders: one at a time for each partition number."""
    async with read_model.transaction() as tx:
        await tx.execute(f"{_ONE_PARTITION}, {_NOTIFY}", partition)
        yield tx


async def wait_for_writers(tx: PoolConnection, schema: str) -> None:
    """Wait until no transaction writes to the schema; new ones are blocked until this one ends."""
    await tx.execute(_EXCLUSIVE, schema)
