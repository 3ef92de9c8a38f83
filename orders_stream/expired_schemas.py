"""Drops the read models that rebuilds replaced: erased persons are not removed from them, so they must not stay."""

from __future__ import annotations

from chassis.databases.postgres import PoolConnection
from chassis.logs import logger

log = logger(__name__)

LOOK_EVERY_S = 3600.0

# As long as topics may keep superseded records. A schema's comment has the time since when it is unused.
_EXPIRED = """
SELECT nspname FROM pg_namespace
WHERE nspname LIKE 'read\\_model\\_%' AND obj_description(oid, 'pg_namespace')::timestamptz < now() - interval '7 days'
"""

# The lock that a rebuild holds while it uses such a schema.
_NO_REBUILD = "SELECT pg_try_advisory_xact_lock(hashtext('oms rebuild'), hashtext('read model'))"

_DROP_TIMEOUT_S = 600


async def mark_unused(connection: PoolConnection, schema: str) -> None:
    """Record that the schema is unused from now on; a later call replaces the time."""
    now = await connection.fetchval("SELECT now()::text")
    await connection.execute(f"COMMENT ON SCHEMA {schema} IS '{now}'")


async def drop_expired(connection: PoolConnection) -> None:
    """Drop the schemas that have been unused for a week, unless a rebuild is running."""
    async with connection.transaction():
        if await connection.fetchval(_NO_REBUILD):
            for row in await connection.fetch(_EXPIRED):
                await connection.execute(f'DROP SCHEMA "{row["nspname"]}" CASCADE', timeout=_DROP_TIMEOUT_S)
                log.warning("expired schema dropped", schema=row["nspname"])
