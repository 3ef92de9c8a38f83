"""What becomes due without a record: holds that expire, stores that do not answer, orders that are short."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from chassis.databases.mysql import Connection, Database, placeholders, transact
from contracts.inventory.reservations import ReservationRow, ReservationState, Wanted
from contracts.inventory.sourcing import SourcingStatus
from contracts.orders import OrderStatus
from inventory import availability_rows, metrics, settings
from inventory.levels import Levels
from inventory.orders import backorders
from inventory.orders.scope import Work
from inventory.orders.settling import Clock, settle
from inventory.portions import MOST_AT_ONCE, portions
from inventory.reservations import HoldStatus, given_back, key_of
from inventory.stored_rows import read_row, select, write_rows_later

MOST = MOST_AT_ONCE
"""Holds or orders that are looked up at once."""

EXPIRED = "SELECT hold_id FROM hold WHERE status = 'held' AND expires_at <= %s ORDER BY expires_at LIMIT %s"

LOCK_EXPIRED = """
SELECT hold_id FROM hold WHERE hold_id IN ({}) AND status = 'held' AND expires_at <= %s
ORDER BY hold_id FOR UPDATE SKIP LOCKED
"""

STOCK_OF_HOLDS = "SELECT DISTINCT stock_id FROM reservation WHERE hold_id IN ({})"

HELD = f"""
SELECT {select(ReservationRow, "reservation_id")} FROM reservation
WHERE hold_id IN ({{}}) AND order_id IS NULL AND state = '{ReservationState.HELD}' ORDER BY reservation_id
"""

END_HOLDS = "UPDATE hold SET status = %s, updated_at = %s, version = version + 1 WHERE hold_id IN ({})"

SIZES = "SELECT hold_id, COUNT(*) AS parts FROM reservation WHERE hold_id IN ({}) GROUP BY hold_id"

UNANSWERED = f"""
SELECT DISTINCT order_id, line_count FROM reservation JOIN replica_order USING (order_id)
WHERE state = '{ReservationState.ASKED}' AND wanted = '{Wanted.COMMIT}' AND ask_until <= %(moment)s
    AND order_id > %(last)s
ORDER BY order_id LIMIT {MOST}
"""

_SHIPPED = f"'{OrderStatus.SHIPPED}', '{OrderStatus.DELIVERED}'"

SHORT = f"""
SELECT order_id, line_count FROM sourcing JOIN replica_order USING (order_id)
WHERE sourcing.status = '{SourcingStatus.SHORT}' AND replica_order.status NOT IN ({_SHIPPED}) AND order_id > %(last)s
ORDER BY order_id LIMIT {MOST}
"""


BACKORDERED = f"""
SELECT order_id, line_count FROM sourcing JOIN replica_order USING (order_id)
WHERE sourcing.status = '{SourcingStatus.BACKORDERED}' AND decided_at <= %(moment)s AND order_id > %(last)s
ORDER BY order_id LIMIT {MOST}
"""


async def sweep(database: Database, clock: Clock) -> None:
    """Everything that is due now. Several processes may do so at once. Raises Unavailable."""
    while await expire_holds(database, clock) == MOST:
        pass
    await ask_others(database, clock)
    await fill_backorders(database, clock)


async def fill_backorders(database: Database, clock: Clock) -> None:
    """Give units that became free without a record to the orders that wait for them, as those of carts that end."""
    async with database.reading() as connection:
        skus = await backorders.fillable(connection, MOST)
    for sku in skus:
        metrics.count(await settle(database, Work(skus=[sku]), clock))


async def end_old_backorders(database: Database, clock: Clock) -> None:
    """Decide all orders again that have waited too long for units, and measure how many units are waited for."""
    before = clock() - timedelta(days=settings.BACKORDER_DAYS)
    await _settle_all(database, clock, BACKORDERED, before=before)
    async with database.reading() as connection:
        metrics.BACKORDERED_UNITS.set(await backorders.waited_for(connection))


async def expire_holds(database: Database, clock: Clock) -> int:
    """Give back the units of expired holds, of some at a time. Returns how many holds were due."""
    async with database.reading() as connection:
        rows = await connection.fetch_all(EXPIRED, (clock(), MOST))
    return await expire(database, [row["hold_id"] for row in rows], clock)


async def expire(database: Database, due: Collection[str], clock: Clock) -> int:
    """Give back the units of those of these holds that have expired, unless another process does. Returns how many."""
    if not due:
        return 0
    async with database.reading() as connection:
        rows = await connection.fetch_all(SIZES.format(placeholders(due)), [*due])
    sizes = {row["hold_id"]: row["parts"] for row in rows}
    return sum(
        [await _expire_some(database, some, clock()) for some in portions((each, sizes.get(each, 0)) for each in due)]
    )


async def _expire_some(database: Database, due: Collection[str], moment: datetime) -> int:
    async with database.reading() as connection:
        found = await connection.fetch_all(STOCK_OF_HOLDS.format(placeholders(due)), [*due])
    stock_ids = {row["stock_id"] for row in found}
    return await transact(database, partial(_expire, due=due, stock_ids=stock_ids, moment=moment))


async def ask_others(database: Database, clock: Clock) -> None:
    """Decide orders again whose stores have not answered in time."""
    await _settle_all(database, clock, UNANSWERED)


async def source_short(database: Database, clock: Clock) -> None:
    """Decide all orders again that are short of units: some may have come, also to stores that had none."""
    await _settle_all(database, clock, SHORT, is_retry=True)


async def _settle_all(
    database: Database, clock: Clock, query: str, *, is_retry: bool = False, before: datetime | None = None
) -> None:
    """Decide the orders that the query finds, some at a time, by their ids."""
    moment, last = before or clock(), ""
    while True:
        async with database.reading() as connection:
            rows = await connection.fetch_all(query, {"moment": moment, "last": last})
        for some in portions((UUID(row["order_id"]), row["line_count"]) for row in rows):
            metrics.count(await settle(database, Work(some, is_retry=is_retry), clock))
        if len(rows) < MOST:
            return
        last = rows[-1]["order_id"]


async def _expire(tx: Connection, *, due: Collection[str], stock_ids: Collection[str], moment: datetime) -> int:
    levels = Levels(await availability_rows.lock(tx, stock_ids))
    # A hold that is locked is being extended or released at the moment.
    locked = await tx.fetch_all(LOCK_EXPIRED.format(placeholders(due)), [*due, moment])
    if not locked:
        return 0
    ids = [row["hold_id"] for row in locked]
    rows = [read_row(ReservationRow, row) for row in await tx.fetch_all(HELD.format(placeholders(ids)), ids)]
    for row in rows:
        levels.promise(key_of(row), -row.quantity)
    expired = [given_back(row, ReservationState.EXPIRED) for row in rows]
    write_rows_later(tx, "reservation", "reservation_id", expired)
    tx.later(END_HOLDS.format(placeholders(ids)), [HoldStatus.EXPIRED, moment, *ids])
    await availability_rows.write(tx, levels, levels.changed(moment))
    return len(ids)
