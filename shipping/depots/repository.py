"""The SQL of depots."""

from __future__ import annotations

from chassis.databases.mysql import Connection, Row
from contracts.depots import read_vans
from contracts.json_text import to_json_text
from shipping.days.values import Settings
from shipping.depots.models import Depot, DepotInput

COLUMNS = "depot, name, zone, opens, closes, parallel_deliveries, vans, created_at, updated_at, version"

_SELECT = f"SELECT {COLUMNS} FROM depot WHERE depot = %s"
_KNOW = """
INSERT INTO known_depot (depot, version) VALUES (%s, 0) ON DUPLICATE KEY UPDATE version = known_depot.version
"""
_LOCK = "SELECT version FROM known_depot WHERE depot = %s FOR UPDATE"
_BEGIN_VERSIONS = """
UPDATE known_depot
SET version = IF(version = 0, 1, GREATEST(version + 1, CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)))
WHERE depot = %s
"""
_INSERT = """
INSERT INTO depot (name, zone, opens, closes, parallel_deliveries, vans, depot, created_at, updated_at, version)
VALUES (%s, %s, %s, %s, %s, %s, %s, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3),
    (SELECT version FROM known_depot WHERE known_depot.depot = %s))
"""
_UPDATE = """
UPDATE depot SET name = %s, zone = %s, opens = %s, closes = %s, parallel_deliveries = %s, vans = %s,
    updated_at = UTC_TIMESTAMP(3), version = version + 1
WHERE depot = %s
"""
_DELETE = "DELETE FROM depot WHERE depot = %s"
_NOTE_DELETED = "UPDATE known_depot SET version = %s WHERE depot = %s"


async def find(connection: Connection, depot_id: str) -> Depot | None:
    """A depot, or None."""
    row = await connection.fetch_one(_SELECT, [depot_id])
    return depot_of(row) if row else None


async def know(connection: Connection, depot_id: str) -> None:
    """Note that there is, or shall be, a depot with this id, in a transaction of its own: the row is its lock."""
    await connection.execute(_KNOW, [depot_id])


async def find_locked(tx: Connection, depot_id: str) -> Depot | None:
    """A depot, or None; locked until the transaction ends, if it is known."""
    await tx.fetch_one(_LOCK, [depot_id])
    return await find(tx, depot_id)


async def write(tx: Connection, depot_id: str, new: DepotInput, *, is_new: bool) -> Depot:
    """Create or change a locked depot. One that is created again has a version above that of its deletion."""
    values = [new.name, new.zone, new.opens, new.closes, new.parallel_deliveries, to_json_text(new.vans), depot_id]
    if is_new:
        await tx.execute(_BEGIN_VERSIONS, [depot_id])
        await tx.execute(_INSERT, [*values, depot_id])
    else:
        await tx.execute(_UPDATE, values)
    depot = await find(tx, depot_id)
    assert depot is not None, "written in this transaction"
    return depot


async def delete(tx: Connection, depot: Depot) -> None:
    """Delete a locked depot, and note the version of its deletion."""
    await tx.execute(_DELETE, [depot.id])
    await tx.execute(_NOTE_DELETED, [depot.version + 1, depot.id])


def depot_of(row: Row) -> Depot:
    """A depot, of its row."""
    parts = {"id": row["depot"], "vans": read_vans(row["vans"])}
    return Depot.model_validate({**row, **parts}, by_name=True, extra="ignore")


def settings_of(depot: Depot) -> Settings:
    """What it says about its days."""
    return Settings(
        zone=depot.zone,
        opens=depot.opens,
        closes=depot.closes,
        parallel_deliveries=depot.parallel_deliveries,
        vans=tuple(depot.vans),
    )
