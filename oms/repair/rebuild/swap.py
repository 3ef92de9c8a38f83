"""The swap: one read model takes the place of another between two transactions of the workers, unseen by readers."""

from __future__ import annotations

import asyncio

import asyncpg

from chassis.databases.migrations import wait_for_migrations
from chassis.databases.postgres import PoolConnection
from oms.repair.rebuild import schemas
from oms.repair.rebuild.filling import Filling
from oms.repair.rebuild.outcomes import NotSwapped
from orders_stream.transactions import wait_for_writers

WRITERS_TIMEOUT_S = 4
"""For the writers to end what they have begun, while others wait behind; a worker's statement waits for 5 s."""

CATCH_UP_TIMEOUT_S = 10.0
TRIES = 5


async def swap(connection: PoolConnection, fill: Filling, schema: str) -> None:
    """Give the filled schema the live one's name. Raises NotSwapped.

    Whoever writes holds a lock that is taken here for one alone, so that nothing is under way: what the live one has
    read is final then, and the new one comes to have read as much. Readers wait for nothing.
    """
    why: Exception | None = None
    for _ in range(TRIES):
        try:
            async with connection.transaction():
                await _swap(connection, fill, schema)
            return
        except (asyncpg.LockNotAvailableError, TimeoutError) as error:
            why = error
            fill.begin()  # it had ended if it was the swap itself that failed
            await fill.until(await fill.ends())
    raise NotSwapped("the workers did not let go of the read model, or read partitions that are new") from why


async def _swap(tx: PoolConnection, fill: Filling, schema: str) -> None:
    await tx.execute(f"SET LOCAL lock_timeout = '{WRITERS_TIMEOUT_S}s'")
    await tx.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{2 * CATCH_UP_TIMEOUT_S:.0f}s'")
    await wait_for_migrations(tx)
    await wait_for_writers(tx, schemas.LIVE)
    live = await schemas.progress(tx, schemas.LIVE)
    async with asyncio.timeout(CATCH_UP_TIMEOUT_S):
        await fill.until(schemas.offsets(live))
    await fill.end()
    # Where the log ends with what is no record, the live one may have counted it.
    await schemas.advance(tx, schema, live)
    await schemas.copy_freshness(tx, schema)
    await schemas.copy_unpublished(tx, schema)
    await schemas.put_in_place(tx, schema)
