"""Sends the open reservations of a store again, by a higher version: their records may be older than the topic."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from chassis import settings
from chassis.databases.mysql import Connection, Database, placeholders, transact
from contracts.inventory.reservations import AT_ONCE, OPEN_IN_STORE, SEND_AGAIN
from contracts.stores import stock_ids_of


async def known_stores() -> list[str]:
    """The ids of all stores that central knows. Raises Unavailable."""
    reader = Database(settings.mysql("oms_cdc", "OMS_CDC_PASSWORD", None))
    try:
        async with reader.reading() as connection:
            rows = await connection.fetch_all("SELECT store_id FROM inventory.store ORDER BY store_id")
    finally:
        await reader.close()
    return [row["store_id"] for row in rows]


async def resync(writer: Database, store_id: str) -> int:
    """Raise the version of each open reservation of a store. Returns how many there were. Raises Unavailable."""
    async with writer.reading() as connection:
        rows = await connection.fetch_all(OPEN_IN_STORE, stock_ids_of(store_id))
    ids = [row["reservation_id"] for row in rows]
    for first in range(0, len(ids), AT_ONCE):
        await transact(writer, partial(_raise, ids=ids[first : first + AT_ONCE]))
    return len(ids)


async def _raise(tx: Connection, *, ids: Sequence[str]) -> None:
    await tx.execute(SEND_AGAIN.format(placeholders(ids)), ids)
