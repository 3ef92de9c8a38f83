"""The SQL of streams. Events are only inserted, never changed or deleted.

A command locks the row that a stream leads to first; the primary key of the events is the net under this lock.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from uuid_utils.compat import uuid7

from chassis.databases.mysql import Connection, Row, placeholders
from chassis.databases.mysql_times import stored
from shipping.events.codec import encode
from shipping.events.event import Event

_MILLISECOND = timedelta(milliseconds=1)
"""What a request can say of a time: the time at which an event was recorded includes the event."""

_READ = """
SELECT stream_id, sequence, type, type_version, data, recorded_at FROM shipping_event
WHERE stream_id IN ({}) ORDER BY stream_id, sequence
"""
_INSERT = """
INSERT INTO shipping_event (stream_id, sequence, event_id, type, type_version, data, caller, caused_by, happened_at,
    recorded_at, version)
VALUES {}
"""
_PAST = """
SELECT type, type_version, data, recorded_at FROM shipping_event WHERE stream_id = %s AND {} ORDER BY sequence
"""


class Cause(NamedTuple):
    """Who causes events, and by which message if by one; both are stored with them."""

    caller: str | None
    message: str | None = None


def append_later(
    tx: Connection, stream_id: str, version: int, events: Sequence[Event], cause: Cause, moment: datetime
) -> None:
    """Append events to a stream of so many, together with the next statement, which fails if there are more by now."""
    values: list[object] = []
    for sequence, event in enumerate(events, version + 1):
        values += [stream_id, sequence, str(uuid7()), *encode(event), cause.caller, cause.message]
        values += [stored(event.at), stored(moment), 1]
    row = f"({placeholders(range(11))})"
    tx.later(_INSERT.format(", ".join([row] * len(events))), values)


async def read(connection: Connection, stream_ids: Collection[str]) -> dict[str, list[Row]]:
    """The events of these streams, each in its sequence."""
    found: dict[str, list[Row]] = {each: [] for each in stream_ids}
    for row in await connection.fetch_all(_READ.format(placeholders(stream_ids)), [*stream_ids]):
        found[row["stream_id"]].append(row)
    return found


async def read_until(connection: Connection, stream_id: str, version: int | None, at: datetime | None) -> list[Row]:
    """The first `version` events of a stream, or those that were recorded until `at`, in milliseconds."""
    condition, bound = ("sequence <= %s", version) if at is None else ("recorded_at < %s", stored(at + _MILLISECOND))
    return list(await connection.fetch_all(_PAST.format(condition), [stream_id, bound]))
