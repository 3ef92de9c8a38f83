"""Whether the database of a store may be restored: its process is stopped, and it has nothing that is on no topic."""

from __future__ import annotations

from collections.abc import Set
from uuid import UUID

from chassis import settings
from chassis.databases.mysql import Database
from oms.prepare.mysql import CDC
from reconciliation.stock.databases import stores

SILENT_S = 20
"""A process that wrote no heartbeat for so long is stopped."""

_BEATEN = "SELECT beaten_at > UTC_TIMESTAMP(6) - INTERVAL %s SECOND AS is_alive FROM `{}`.store_heartbeat"


class Refused(Exception):
    """The database of the store is not lost, or is in use."""


async def check_lost(name: str, store_id: str, known: Set[UUID]) -> None:
    """Raises Refused if the process runs, or if the database has movements that are on no topic. Changes nothing."""
    reader = Database(settings.mysql(CDC, "OMS_CDC_PASSWORD", None))
    try:
        async with reader.reading() as connection:
            if name not in [place.database for place in await stores(connection)]:
                return
            beat = await connection.fetch_one(_BEATEN.format(name), [SILENT_S])
            rows = await connection.fetch_all(f"SELECT movement_id FROM `{name}`.stock_movement")
    finally:
        await reader.close()
    if beat and beat["is_alive"]:
        raise Refused(f"store {store_id} is running; stop its process, and retry after {SILENT_S} s")
    if others := sum(UUID(row["movement_id"]) not in known for row in rows):
        raise Refused(f"store {store_id} has {others} movements that are on no topic; its database is not lost")
