"""The SQL of delivery days: locks them, and appends events together with the snapshot they lead to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import reduce

import msgspec

from chassis.databases.mysql import Connection, Row
from shipping.days.events import CODEC, DayEvent
from shipping.days.folding import apply, fold
from shipping.days.state import SCHEMA_VERSION, Day
from shipping.days.values import DayKey
from shipping.events import streams
from shipping.events.streams import Cause

COLUMNS = "depot, delivery_date, state, schema_version, version"

_FIND = f"SELECT {COLUMNS} FROM delivery_day WHERE depot = %s AND delivery_date = %s"
_INSERT = """
INSERT INTO delivery_day (depot, delivery_date) VALUES (%s, %s)
ON DUPLICATE KEY UPDATE version = delivery_day.version
"""
_UPDATE = """
UPDATE delivery_day SET state = %s, schema_version = %s, version = %s WHERE depot = %s AND delivery_date = %s
"""

_read_day = msgspec.json.Decoder(Day).decode


class LockedDay:
    """A day that a transaction has locked. All of its shipments share it, so that each sees what the others did."""

    def __init__(self, state: Day) -> None:
        self.state = state

    def append_later(self, tx: Connection, events: Sequence[DayEvent], cause: Cause, moment: datetime) -> None:
        """Append events, and write the snapshot they lead to, together with the next statement."""
        if not events:
            return
        key = self.state.key
        streams.append_later(tx, stream_of(key), self.state.version, events, cause, moment)
        self.state = reduce(apply, events, self.state)
        text = msgspec.json.encode(self.state).decode()
        tx.later(_UPDATE, [text, SCHEMA_VERSION, self.state.version, key.depot, key.date.isoformat()])


def stream_of(key: DayKey) -> str:
    """The stream of a day's events."""
    return f"day:{key.depot}:{key.date.isoformat()}"


def key_of(row: Row) -> DayKey:
    """The day that a row of `delivery_day` or of `shipment` names."""
    return DayKey(row["depot"], date.fromisoformat(row["delivery_date"]))


async def prepare(connection: Connection, key: DayKey) -> None:
    """Insert the row of a day without events, if there is none, in a transaction of its own.

    It is the lock of the day. If each command inserted it, those that wait for one that is rolled back would deadlock.
    """
    values = [key.depot, key.date.isoformat()]
    if await connection.fetch_one(_FIND, values) is None:
        await connection.execute(_INSERT, values)


async def lock(tx: Connection, keys: Collection[DayKey]) -> dict[DayKey, LockedDay]:
    """These days, locked until the transaction ends, which must have locked its shipments before."""
    rows = {}
    for key in sorted(keys):
        rows[key] = await tx.fetch_one(f"{_FIND} FOR UPDATE", [key.depot, key.date.isoformat()])
    # Only now: what a transaction reads without a lock is what was committed when it first did so.
    return {key: LockedDay(await _state(tx, key, row)) for key, row in rows.items()}


async def find(connection: Connection, key: DayKey) -> Day:
    """A day as it is; one of version 0 if nothing was planned on it."""
    return await _state(connection, key, await connection.fetch_one(_FIND, [key.depot, key.date.isoformat()]))


async def find_past(connection: Connection, key: DayKey, version: int | None, at: datetime | None) -> Day:
    """The day to which the first `version` events led, or those that were recorded until `at`."""
    return fold(key, CODEC.decode_rows(await streams.read_until(connection, stream_of(key), version, at)))


def read_snapshot(row: Row | None) -> Day | None:
    """The state in a row; None if it has none, or one of another schema version."""
    if row is None or row["state"] is None or row["schema_version"] != SCHEMA_VERSION:
        return None
    return _read_day(row["state"])


async def _state(connection: Connection, key: DayKey, row: Row | None) -> Day:
    if (snapshot := read_snapshot(row)) is not None:
        return snapshot
    stream_id = stream_of(key)
    return fold(key, CODEC.decode_rows((await streams.read(connection, [stream_id]))[stream_id]))
