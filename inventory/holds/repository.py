"""The SQL of reservations for carts.

The rows of availability are what many transactions change. They are locked only while the server itself works: in the
packet of COMMIT, in the order of `stock_id`. Only the transaction that takes the last units of a row, or gives back the
first ones, locks it before: it also writes which stores have units of the SKU.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from chassis.databases.mysql import Connection, GuardFailed, Row, placeholders
from contracts.inventory.availability import FREE_TO_PROMISE
from contracts.inventory.reservations import ReservationState, Wanted
from contracts.stores import stock_id
from inventory import availability_rows
from inventory.decisions.rules import Part
from inventory.levels import Levels
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
RESERVE = f"""
UPDATE availability FORCE INDEX (PRIMARY)
SET reserved = reserved + {{units}}, updated_at = UTC_TIMESTAMP(3), version = version + 1
WHERE stock_id IN ({{ids}}) AND {FREE_TO_PROMISE} > {{units}} ORDER BY stock_id
"""
AFTERWARDS = f"""
SELECT stock_id, store_id, sku, {FREE_TO_PROMISE} AS free, version FROM availability WHERE stock_id IN ({{ids}})
"""
_SELECT = """
SELECT hold_id AS id, status, order_id, requested, expires_at, created_at, updated_at, version
FROM hold WHERE hold_id = %s
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

    @property
    def units(self) -> Mapping[str, int]:
        """The units by stock id."""
        units: dict[str, int] = {}
        for part in self.parts:
            key = stock_id(part.store_id, part.sku)
            units[key] = units.get(key, 0) + part.quantity
        return units


def insert_hold(tx: Connection, new: NewHold) -> None:
    """Reserve the units. The commit raises GuardFailed unless each of the stores has more left than it shall give."""
    _insert(tx, new)
    if units := new.units:
        case, values = case_of(units)
        tx.before_commit(
            RESERVE.format(units=case, ids=placeholders(units)), [*values, *units, *values], changes=len(units)
        )
        read_afterwards(tx, units)


async def insert_hold_of_last_units(tx: Connection, new: NewHold) -> None:
    """Reserve units that may be the last. Raises GuardFailed if one of the stores has fewer than it shall give."""
    _insert(tx, new)
    levels = Levels(await availability_rows.lock(tx, new.units))
    for part in new.parts:
        free = levels.free([part.sku])[part.sku].get(part.store_id, 0)
        if free < part.quantity or levels[part.key].has_backorders:
            raise GuardFailed()
        levels.promise(part.key, part.quantity)
    await availability_rows.write(tx, levels, levels.changed(new.created_at))
    read_afterwards(tx, new.units)


def _insert(tx: Connection, new: NewHold) -> None:
    requested, at = orjson.dumps(new.lines).decode(), new.created_at
    tx.later(INSERT_HOLD, [new.hold_id, new.caller, HoldStatus.HELD.value, requested, new.expires_at, at, at])
    if not new.parts:
        return
    rows = [_reservation(new, part) for part in new.parts]
    values = ", ".join([f"({placeholders(rows[0])})"] * len(rows))
    tx.later(INSERT_RESERVATIONS + values, [value for row in rows for value in row])


def _reservation(new: NewHold, part: Part) -> Sequence[Any]:
    key = stock_id(part.store_id, part.sku)
    row_id = reservation_id(f"{new.hold_id}/{part.line_id}", part.store_id, 1)
    units = (key, part.store_id, part.sku, part.quantity)
    return row_id, new.hold_id, *units, 1, Wanted.HOLD.value, ReservationState.HELD.value, new.expires_at, 1


async def find_hold(connection: Connection, hold_id: UUID, *, lock: bool = False) -> Row | None:
    """The row of a reservation, or None; locked until the transaction ends if `lock`."""
    return await connection.fetch_one(f"{_SELECT}{' FOR UPDATE' if lock else ''}", [hold_id])


async def due_holds(connection: Connection, stock_ids: Sequence[str], now: datetime, limit: int) -> list[str]:
    """Reservations of these stocks whose time is over."""
    rows = await connection.fetch_all(
        f"SELECT DISTINCT hold_id FROM reservation WHERE stock_id IN ({placeholders(stock_ids)})"
        " AND state = 'held' AND expires_at <= %s AND hold_id IS NOT NULL LIMIT %s",
        [*stock_ids, now, limit],
    )
    return [row["hold_id"] for row in rows]


def read_afterwards(tx: Connection, units: Mapping[str, int]) -> None:
    """Read after COMMIT what the stores have left."""
    tx.after_commit(AFTERWARDS.format(ids=placeholders(units)), [*units])


def case_of(units: Mapping[str, int]) -> tuple[str, list[Any]]:
    """The expression for the units of each stock, and its parameters."""
    whens = " WHEN %s THEN %s" * len(units)
    return f"CASE stock_id{whens} END", [value for pair in units.items() for value in pair]
