"""Stores that come back after days: what they were asked meanwhile may be on the topic no more, so it is sent again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from chassis.databases.mysql import Connection, Database, placeholders, transact
from chassis.logs import logger
from contracts.inventory.reservations import AT_ONCE, OPEN_IN_STORE, SEND_AGAIN
from contracts.stores import stock_ids_of

log = logger(__name__)

AWAY = timedelta(days=5)
"""The topic `reservation` keeps records for a week."""

_FRESH = "SELECT store_id, fresh_until FROM store WHERE fresh_until IS NOT NULL AND store_id IN ({})"


async def send_again_to_returned(database: Database, beats: Mapping[str, datetime]) -> None:
    """Send open reservations again to the stores that beat now and were silent for days before.

    To be called before their freshness is noted, so that it is done again after a crash. Raises Unavailable.
    """
    async with database.reading() as connection:
        rows = await connection.fetch_all(_FRESH.format(placeholders(beats)), [*beats])
    for row in rows:
        if beats[row["store_id"]] - row["fresh_until"].replace(tzinfo=UTC) > AWAY:
            sent = await send_again(database, row["store_id"])
            log.info("store is back, its reservations are sent again", store=row["store_id"], reservations=sent)


async def send_again(database: Database, store_id: str) -> int:
    """Raise the version of each open reservation of a store. Returns how many there were. Raises Unavailable."""
    async with database.reading() as connection:
        rows = await connection.fetch_all(OPEN_IN_STORE, stock_ids_of(store_id))
    ids = [row["reservation_id"] for row in rows]
    for first in range(0, len(ids), AT_ONCE):
        await transact(database, partial(_raise, ids=ids[first : first + AT_ONCE]))
    return len(ids)


async def _raise(tx: Connection, *, ids: list[str]) -> None:
    await tx.execute(SEND_AGAIN.format(placeholders(ids)), ids)
