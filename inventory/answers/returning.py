"""Stores that come back after days: what they were asked meanwhile may be on the topic no more, so it is sent again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from chassis.databases.mysql import Connection, Database, placeholders, transact
from chassis.logs import logger
from contracts.inventory.reservations import ReservationState, Wanted

log = logger(__name__)

AWAY = timedelta(days=5)
"""The topic `reservation` keeps records for a week."""

AT_ONCE = 500
"""Reservations in one transaction."""

_FRESH = "SELECT store_id, fresh_until FROM store WHERE fresh_until IS NOT NULL AND store_id IN ({})"

_OPEN = (ReservationState.ASKED, ReservationState.COMMITTED, Wanted.HOLD)
_IS_OPEN = "state IN (%s, %s) AND wanted <> %s"

# The ids of a store's stock begin with its own and `/`, which `0` follows in ASCII: an index has them in this order.
_SELECT = f"""
SELECT reservation_id FROM reservation WHERE stock_id >= %s AND stock_id < %s AND {_IS_OPEN} ORDER BY reservation_id
"""
_RAISE = f"UPDATE reservation SET version = version + 1 WHERE {_IS_OPEN} AND reservation_id IN ({{}})"


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
        rows = await connection.fetch_all(_SELECT, [f"{store_id}/", f"{store_id}0", *_OPEN])
    ids = [row["reservation_id"] for row in rows]
    for first in range(0, len(ids), AT_ONCE):
        await transact(database, partial(_raise, ids=ids[first : first + AT_ONCE]))
    return len(ids)


async def _raise(tx: Connection, *, ids: list[str]) -> None:
    await tx.execute(_RAISE.format(placeholders(ids)), [*_OPEN, *ids])
