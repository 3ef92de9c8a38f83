"""The SQL of reservations for carts.

The rows of availability are what many transactions change. They are locked only while the server itself works: in the
packet of COMMIT, in the order of `stock_id`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from chassis.databases.mysql import Connection, Row, placeholders
from contracts.inventory import ReservationState, Wanted
from contracts.stores import stock_id
from inventory.decisions.rules import Part
from inventory.reservations import HoldStatus, reservation_id

INSERT_HOLD = """
INSERT INTO hold (hold_id, caller, status, requested, expires_at, created_at, updated_at, version)
VALUES (%s, %s, %s, %s, %s, %s, %s, 1)
"""
INSERT_RESERVATIONS = """
INSERT INTO reservation (reservation_id, hold_id, stock_id, store_id, sku, quantity, attempt, wanted, state, expires_at,
                         version)
VALUES
"""
RESERVE = """
UPDATE availability FORCE INDEX (PRIMARY)
SET reserved = reserved + {units}, updated_at = UTC_TIMESTAMP(3), version = version + 1
WHERE stock_id IN ({ids}) AND on_hand - unsellable - committed - safety_margin - reserved >= {units}
ORDER BY stock_id
"""
# Columns are assigned from left to right. What is not on hand is given back first.
_FREE = """
UPDATE availability FORCE INDEX (PRIMARY)
SET reserved = GREATEST(reserved - GREATEST({units} - overreserved, 0), 0),
    overreserved = GREATEST(overreserved - {units}, 0), updated_at = UTC_TIMESTAMP(3), version = version + 1
WHERE stock_id IN ({ids}) ORDER BY stock_id
"""
AFTERWARDS = """
SELECT stock_id, store_id, sku, on_hand - unsellable - committed - reserved - safety_margin AS free, version
FROM availability WHERE stock_id IN ({ids})
"""
_SELECT = """
SELECT hold_id AS id, status, order_id, requested, expires_at, created_at, updated_at, version
FROM hold WHERE hold_id = %s
"""
_END_RESERVATIONS = """
UPDATE reservation SET state = %s, version = version + 1 WHERE hold_id = %s AND state = 'held'
"""
_END_HOLD = """
UPDATE hold SET status = %s, updated_at = %s, version = version + 1
WHERE hold_id = %s AND status = 'held' AND version = %s
"""
_EXTEND_RESERVATIONS = """
UPDATE reservation SET expires_at = %s, version = version + 1 WHERE hold_id = %s AND state = 'held'
"""
_EXTEND_HOLD = """
UPDATE hold SET expires_at = %s, updated_at = %s, version = version + 1
WHERE hold_id = %s AND status = 'held' AND version = %s
"""


@dataclass(frozen=True)
class NewHold:
    """A reservation to be made: `lines` as they are shown, `parts` with the position of their line."""

    hold_id: UUID
    caller: str | None
    lines: Sequence[Mapping[str, Any]]
    parts: Sequence[Part]
    expires_at: datetime
    created_at: datetime


def insert_hold(tx: Connection, new: NewHold) -> None:
    """Reserve the units. The commit raises GuardFailed if one of the stores has fewer left than it shall give."""
    requested, at = orjson.dumps(new.lines).decode(), new.created_at
    tx.later(INSERT_HOLD, [new.hold_id, new.caller, HoldStatus.HELD.value, requested, new.expires_at, at, at])
    if not new.parts:
        return
    rows = [_reservation(new, part) for part in new.parts]
    values = ", ".join([f"({placeholders(rows[0])})"] * len(rows))
    tx.later(INSERT_RESERVATIONS + values, [value for row in rows for value in row])
    units: dict[str, int] = {}
    for part in new.parts:
        key = stock_id(part.store_id, part.sku)
        units[key] = units.get(key, 0) + part.quantity
    case, values_of_case = _case(units)
    tx.before_commit(
        RESERVE.format(units=case, ids=placeholders(units)),
        [*values_of_case, *units, *values_of_case],
        changes=len(units),
    )
    _read_afterwards(tx, units)


def _reservation(new: NewHold, part: Part) -> Sequence[Any]:
    key = stock_id(part.store_id, part.sku)
    row_id = reservation_id(f"{new.hold_id}/{part.line_id}", part.store_id, 1)
    units = (key, part.store_id, part.sku, part.quantity)
    return row_id, new.hold_id, *units, 1, Wanted.HOLD.value, ReservationState.HELD.value, new.expires_at, 1


async def find_hold(connection: Connection, hold_id: UUID) -> Row | None:
    """The row of a reservation, or None."""
    return await connection.fetch_one(_SELECT, [hold_id])


async def held_units(connection: Connection, hold_id: UUID) -> Mapping[str, int]:
    """The units that a reservation holds, by stock id."""
    rows = await connection.fetch_all(
        "SELECT stock_id, SUM(quantity) AS units FROM reservation WHERE hold_id = %s AND state = 'held'"
        " GROUP BY stock_id",
        [hold_id],
    )
    return {row["stock_id"]: int(row["units"]) for row in rows}


def end_hold(tx: Connection, row: Row, units: Mapping[str, int], status: HoldStatus, now: datetime) -> None:
    """Free the units of a reservation. The commit raises GuardFailed if it has changed since `row` was read."""
    tx.later("SELECT 1 FROM hold WHERE hold_id = %s FOR UPDATE", [row["id"]])  # before the others, as everywhere
    if units:
        case, values = _case(units)
        tx.later(_FREE.format(units=case, ids=placeholders(units)), [*values, *values, *units])
        tx.later(_END_RESERVATIONS, [status.value, row["id"]])
        _read_afterwards(tx, units)
    tx.before_commit(_END_HOLD, [status.value, now, row["id"], row["version"]], changes=1)


def extend_hold(tx: Connection, row: Row, expires_at: datetime, now: datetime) -> None:
    """Set a new end. The commit raises GuardFailed if the reservation has changed since `row` was read."""
    tx.later("SELECT 1 FROM hold WHERE hold_id = %s FOR UPDATE", [row["id"]])
    tx.later(_EXTEND_RESERVATIONS, [expires_at, row["id"]])
    tx.before_commit(_EXTEND_HOLD, [expires_at, now, row["id"], row["version"]], changes=1)


async def due_holds(connection: Connection, stock_ids: Sequence[str], now: datetime, limit: int) -> list[str]:
    """Reservations of these stocks whose time is over."""
    rows = await connection.fetch_all(
        f"SELECT DISTINCT hold_id FROM reservation WHERE stock_id IN ({placeholders(stock_ids)})"
        " AND state = 'held' AND expires_at <= %s AND hold_id IS NOT NULL LIMIT %s",
        [*stock_ids, now, limit],
    )
    return [row["hold_id"] for row in rows]


def _read_afterwards(tx: Connection, units: Mapping[str, int]) -> None:
    tx.after_commit(AFTERWARDS.format(ids=placeholders(units)), [*units])


def _case(units: Mapping[str, int]) -> tuple[str, list[Any]]:
    """The expression for the units of each stock, and its parameters."""
    whens = " WHEN %s THEN %s" * len(units)
    return f"CASE stock_id{whens} END", [value for pair in units.items() for value in pair]
