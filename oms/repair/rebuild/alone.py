"""One rebuild of a view at a time, by a lock in Postgres that ends with its connection, however the process ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from chassis.databases.postgres import PoolConnection
from oms.repair.rebuild.outcomes import RebuildRunning
from orders_stream.settings import read_model


@asynccontextmanager
async def alone(view: str) -> AsyncIterator[PoolConnection]:
    """A connection to the read model whose owner is the only one to rebuild this view. Raises RebuildRunning."""
    database = read_model()
    try:
        async with database.connection() as connection:
            await _take(connection, view)
            yield connection
            # Else it would be held until the server sees that the connection is closed.
            await connection.execute("SELECT pg_advisory_unlock_all()")
    finally:
        await database.close()


async def _take(connection: PoolConnection, view: str) -> None:
    """One that was killed lets go within a second, however long the statement takes that it was killed in."""
    await connection.execute("SET client_connection_check_interval = '500ms'")
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL lock_timeout = '2s'")
            await connection.execute("SELECT pg_advisory_lock(hashtext('oms rebuild'), hashtext($1))", view)
    except asyncpg.LockNotAvailableError as error:
        raise RebuildRunning(f"another rebuild of the {view} is running") from error
