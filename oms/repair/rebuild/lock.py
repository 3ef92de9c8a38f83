"""The lock that allows one rebuild of a view at a time. It is held by a Postgres connection, and released with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from chassis.databases.postgres import PoolConnection
from oms.repair.rebuild.errors import RebuildRunning
from orders_stream.settings import read_model


@asynccontextmanager
async def rebuild_lock(view: str) -> AsyncIterator[PoolConnection]:
    """A connection to the read model that holds the lock of this view. Raises RebuildRunning."""
    database = read_model()
    try:
        async with database.connection() as connection:
            await _take(connection, view)
            yield connection
            # Without this, the lock is held until the server notices that the connection is closed.
            await connection.execute("SELECT pg_advisory_unlock_all()")
    finally:
        await database.close()


async def _take(connection: PoolConnection, view: str) -> None:
    """Take the lock. If the process is killed, the server releases it within a second, even during a statement."""
    await connection.execute("SET client_connection_check_interval = '500ms'")
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL lock_timeout = '2s'")
            await connection.execute("SELECT pg_advisory_lock(hashtext('oms rebuild'), hashtext($1))", view)
    except asyncpg.LockNotAvailableError as error:
        raise RebuildRunning(f"another rebuild of the {view} is running") from error
