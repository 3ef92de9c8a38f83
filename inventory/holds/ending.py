"""The SQL that ends and extends reservations. Like all of them, it locks availability last, but for the first units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.databases.mysql import Connection, Row, placeholders
from contracts.inventory.availability import FREE
from inventory import availability_rows
from inventory.decisions.rules import StockKey
from inventory.holds.repository import case_of, read_afterwards
from inventory.levels import Levels
from inventory.reservations import HoldStatus

# Columns are assigned from left to right. What is not on hand is given back first.
_GIVE_BACK = f"""
UPDATE availability FORCE INDEX (PRIMARY)
SET reserved = GREATEST(reserved - GREATEST({{units}} - overreserved, 0), 0),
    overreserved = GREATEST(overreserved - {{units}}, 0), updated_at = UTC_TIMESTAMP(3), version = version + 1
WHERE stock_id IN ({{ids}}) AND {FREE} > 0 ORDER BY stock_id
"""
_HELD = f"""
SELECT stock_id, SUM(quantity) AS units, COALESCE((
    SELECT {FREE} > 0 FROM availability
    WHERE availability.stock_id = reservation.stock_id
), FALSE) AS are_others
FROM reservation WHERE hold_id = %s AND state = 'held' GROUP BY stock_id
"""
_END_RESERVATIONS = """
UPDATE reservation SET state = %s, version = version + 1 WHERE hold_id = %s AND state = 'held'
"""
_END_HOLD = "UPDATE hold SET status = %s, updated_at = %s, version = version + 1 WHERE hold_id = %s"
_EXTEND_RESERVATIONS = """
UPDATE reservation SET expires_at = %s, version = version + 1 WHERE hold_id = %s AND state = 'held'
"""
_EXTEND_HOLD = """
UPDATE hold SET expires_at = %s, updated_at = %s, version = version + 1
WHERE hold_id = %s AND status = 'held' AND version = %s
"""


@dataclass(frozen=True)
class HeldUnits:
    """The units that a reservation holds, by stock id; whether each of the stores has others that can be promised."""

    units: Mapping[str, int]
    are_others: bool


async def held_units(connection: Connection, hold_id: UUID) -> HeldUnits:
    """The units that a reservation holds."""
    rows = await connection.fetch_all(_HELD, [hold_id])
    return HeldUnits({row["stock_id"]: int(row["units"]) for row in rows}, all(bool(row["are_others"]) for row in rows))


async def end_hold(tx: Connection, row: Row, held: HeldUnits, status: HoldStatus, now: datetime) -> None:
    """Free the units of a reservation that is locked.

    The commit raises GuardFailed if a store has promised its last other units since they were read.
    """
    levels = None
    if not held.are_others:
        levels = Levels(await availability_rows.lock(tx, held.units))
    tx.later(_END_HOLD, [status.value, now, row["id"]])
    tx.later(_END_RESERVATIONS, [status.value, row["id"]])
    if levels is not None:
        await _free_first_units(tx, levels, held.units, now)
    elif held.units:
        case, values = case_of(held.units)
        free = _GIVE_BACK.format(units=case, ids=placeholders(held.units))
        tx.before_commit(free, [*values, *values, *held.units], changes=len(held.units))
    if held.units:
        read_afterwards(tx, held.units)


async def _free_first_units(tx: Connection, levels: Levels, units: Mapping[str, int], now: datetime) -> None:
    for stock_id, quantity in units.items():
        levels.promise(StockKey(*stock_id.split("/", 1)), -quantity)
    await availability_rows.write(tx, levels, levels.changed(now))


def extend_hold(tx: Connection, row: Row, expires_at: datetime, now: datetime) -> None:
    """Set a new end. The commit raises GuardFailed if the reservation has changed since `row` was read."""
    tx.later("SELECT 1 FROM hold WHERE hold_id = %s FOR UPDATE", [row["id"]])
    tx.later(_EXTEND_RESERVATIONS, [expires_at, row["id"]])
    tx.before_commit(_EXTEND_HOLD, [expires_at, now, row["id"], row["version"]], changes=1)
