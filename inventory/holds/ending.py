"""Ends reservations for carts: when they are released, and when their time is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.databases.mysql import Connection, Database, GuardFailed, Row, transact
from inventory.holds import repository
from inventory.holds.models import HoldStatus

_AT_ONCE = 100


async def ended(database: Database, hold_id: UUID, status: HoldStatus, now: datetime) -> list[Row]:
    """Free the units of a reservation, if it is held; to expire, its time must be over.

    Returns the rows of availability afterwards.
    """

    async def work(tx: Connection) -> list[Row]:
        row = await repository.find_hold(tx, hold_id)
        if row is None or not _may_end(row, status, now):
            return []
        repository.end_hold(tx, row, await repository.held_units(tx, hold_id), status, now)
        await tx.commit()
        return tx.rows_after_commit

    while True:
        try:
            return await transact(database, work)
        except GuardFailed:  # it was changed since it was read
            continue


def _may_end(row: Row, status: HoldStatus, now: datetime) -> bool:
    """Whether the reservation in this row can end so at this time."""
    is_over = row["expires_at"] <= now
    return row["status"] == HoldStatus.HELD and (is_over or status != HoldStatus.EXPIRED)


async def expire_due(database: Database, now: datetime, limit: int = 200) -> int:
    """Free the units of reservations whose time is over. Returns their number: `limit` if there may be more."""
    async with database.reading() as connection:
        due = await repository.due_holds(connection, now, limit)
    for hold_id in due:
        await ended(database, hold_id, HoldStatus.EXPIRED, now)
    return len(due)


async def expire_due_of(database: Database, stock_ids: Sequence[str], now: datetime) -> int:
    """The same for the reservations of these stocks: before a refusal, so that an expiry is exact."""
    async with database.reading() as connection:
        due = await repository.due_holds_of(connection, stock_ids, now, _AT_ONCE)
    for hold_id in due:
        await ended(database, hold_id, HoldStatus.EXPIRED, now)
    return len(due)
