"""Locks a table of the read model, so that its readers wait, and counts them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.databases.postgres import Database
from chassis.settings import postgres


@asynccontextmanager
async def locked(table: str) -> AsyncIterator[None]:
    """Hold the lock on the table while the block runs."""
    owner = Database(postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD"))
    try:
        async with owner.transaction() as transaction:
            await transaction.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            await transaction.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await owner.close()


async def waiting_readers() -> int:
    """The number of statements of the gateway that wait for a lock."""
    reader = Database(postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"))
    try:
        async with reader.connection() as connection:
            waiting: int = await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE usename = 'gateway' AND state = 'active' AND wait_event_type = 'Lock'"
            )
            return waiting
    finally:
        await reader.close()
