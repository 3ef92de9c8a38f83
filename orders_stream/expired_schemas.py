"""Read models that rebuilds left behind: they hear of nobody who is erased, so they go in bounded time."""

from __future__ import annotations

from chassis.databases.postgres import PoolConnection
from chassis.logs import logger

log = logger(__name__)

LOOK_EVERY_S = 3600.0

# As long as topics may keep what was superseded. A schema's comment says since when it has been left.
_LEFT = """
SELECT nspname FROM pg_namespace
WHERE nspname LIKE 'read\\_model\\_%' AND obj_description(oid, 'pg_namespace')::timestamptz < now() - interval '7 days'
"""

# What a rebuild holds: what it works on is not left.
_NO_REBUILD = "SELECT pg_try_advisory_xact_lock(hashtext('oms rebuild'), hashtext('read model'))"

_DROP_TIMEOUT_S = 600


async def mark_left(connection: PoolConnection, schema: str) -> None:
    """Note that the schema is left from now on, until this is noted again."""
    now = await connection.fetchval("SELECT now()::text")
    await connection.execute(f"COMMENT ON SCHEMA {schema} IS '{now}'")


async def drop_left_behind(connection: PoolConnection) -> None:
    """Drop what was left a week ago, unless a rebuild is running."""
    async with connection.transaction():
        if await connection.fetchval(_NO_REBUILD):
            for row in await connection.fetch(_LEFT):
                await connection.execute(f'DROP SCHEMA "{row["nspname"]}" CASCADE', timeout=_DROP_TIMEOUT_S)
                log.warning("dropped what a rebuild had left behind", schema=row["nspname"])
