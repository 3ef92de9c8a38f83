"""Swaps two read models between two transactions of the workers, without readers noticing."""

from __future__ import annotations

import asyncio

import asyncpg

from chassis.databases.migrations import wait_for_migrations
from chassis.databases.postgres import PoolConnection
from oms.repair.rebuild import schemas
from oms.repair.rebuild.backfill import Backfill
from oms.repair.rebuild.errors import SwapTimeout
from oms.repair.rebuild.unpublished import copy_unpublished
from orders_stream.transactions import wait_for_writers

WRITERS_TIMEOUT_S = 4
"""Wait for the transactions of the workers; their statements wait up to 5 s for this lock."""

CATCH_UP_TIMEOUT_S = 10.0
TRIES = 5


async def swap(connection: PoolConnection, fill: Backfill, schema: str) -> None:
    """Give the filled schema the name of the live one. Raises SwapTimeout.

    Every writer shares a lock that is taken exclusively here, so that no transaction is open: the progress of the live
    schema is final, and the new one catches up with it. Readers do not wait.
    """
    failure: Exception | None = None
    for _ in range(TRIES):
        try:
            async with connection.transaction():
                await _swap(connection, fill, schema)
            return
        except (asyncpg.LockNotAvailableError, TimeoutError) as error:
            failure = error
            fill.begin()  # it has ended if the swap itself failed
            await fill.until(await fill.ends())
    raise SwapTimeout("the workers did not release the read model in time, or read new partitions") from failure


async def swap_as_it_is(connection: PoolConnection, schema: str) -> None:
    """Give the schema the name of the live one without updating it. Raises SwapTimeout."""
    failure: Exception | None = None
    for _ in range(TRIES):
        try:
            async with connection.transaction():
                await _lock_out_writers(connection)
                await schemas.put_in_place(connection, schema)
            return
        except asyncpg.LockNotAvailableError as error:
            failure = error
    raise SwapTimeout("the workers did not release the read model in time") from failure


async def _swap(tx: PoolConnection, fill: Backfill, schema: str) -> None:
    await _lock_out_writers(tx)
    live = await schemas.progress(tx, schemas.LIVE)
    async with asyncio.timeout(CATCH_UP_TIMEOUT_S):
        await fill.until(schemas.offsets(live))
    await fill.end()
    # The live schema may have counted markers at the end of the log, which are no records.
    await schemas.advance(tx, schema, live)
    await schemas.copy_freshness(tx, schema)
    await copy_unpublished(tx, schema)
    await schemas.put_in_place(tx, schema)


async def _lock_out_writers(tx: PoolConnection) -> None:
    """Wait until no transaction writes to the live read model, and let none begin during this one."""
    await tx.execute(f"SET LOCAL lock_timeout = '{WRITERS_TIMEOUT_S}s'")
    await tx.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{2 * CATCH_UP_TIMEOUT_S:.0f}s'")
    await wait_for_migrations(tx)
    await wait_for_writers(tx, schemas.LIVE)
