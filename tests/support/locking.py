"""A table of the read model that somebody else holds, so that whoever reads it waits; and who waits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.databases.postgres import Database
from chassis.settings import postgres


@asynccontextmanager
async def locked(table: str) -> AsyncIterator[None]:
    """The table is held as long as the block runs."""
    owner = Database(postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD"))
    try:
        async with owner.transaction() as transaction:
            await transaction.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            await transaction.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await owner.close()


async def waiting_readers() -> int:
    """How many statements of the gateway's account wait for a lock."""
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
