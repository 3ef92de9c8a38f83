"""Drops the read model with its owner's account, while the workers run."""

from __future__ import annotations

from chassis import settings
from chassis.databases.postgres import Database


async def drop_the_read_model() -> None:
    """Drop every table of the live schema."""
    owner = Database(settings.postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD"))
    try:
        async with owner.connection() as connection:
            tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'read_model'")
            await connection.execute(f"DROP TABLE {', '.join(table['tablename'] for table in tables)} CASCADE")
    finally:
        await owner.close()
