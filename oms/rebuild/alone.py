"""One rebuild of a view at a time, by a lock in Postgres that ends with its connection, however the process ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.postgres import PoolConnection
from oms.rebuild.outcomes import RebuildRunning
from orders_stream.settings import read_model


@asynccontextmanager
async def alone(view: str) -> AsyncIterator[PoolConnection]:
    """A connection to the read model whose owner is the only one to rebuild this view. Raises RebuildRunning."""
    database = read_model()
    try:
        async with database.connection() as connection:
            if not await connection.fetchval(
                "SELECT pg_try_advisory_lock(hashtext('oms rebuild'), hashtext($1))", view
            ):
                raise RebuildRunning(f"another rebuild of the {view} is running")
            yield connection
    finally:
        await database.close()
