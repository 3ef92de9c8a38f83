"""Checks that each day's events have no gap and lead to its snapshot, and that its shipments agree with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import msgspec

from chassis.databases.mysql import Database, Row
from chassis.databases.mysql_times import aware
from contracts.shipping import ShipmentStatus
from shipping.days.events import CODEC
from shipping.days.folding import fold
from shipping.days.repository import COLUMNS, key_of, read_snapshot, stream_of
from shipping.days.state import Day
from shipping.events import streams
from shipping.events.codec import UnknownEvent
from shipping.events.faults import Fault

AT_ONCE = 20
"""Days of one transaction, in which rows and events are of the same moment."""

_PAGE = f"""
SELECT {COLUMNS} FROM delivery_day WHERE (depot, delivery_date) > (%s, %s) ORDER BY depot, delivery_date LIMIT %s
"""
_SCHEDULED = """
SELECT shipment_id, status, van, window_from, window_to FROM shipment WHERE depot = %s AND delivery_date = %s
"""
_NOT_SENT = (ShipmentStatus.PLANNED, ShipmentStatus.PACKED)
"""A shipment that has a window and one of these statuses has its delivery ahead."""

_WITHOUT_ROW = """
SELECT stream_id FROM shipping_event AS event
WHERE stream_id >= 'day:' AND stream_id < 'day;' AND sequence = 1 AND NOT EXISTS (
    SELECT 1 FROM delivery_day WHERE CONCAT('day:', depot, ':', delivery_date) = event.stream_id)
"""


async def verify_days(database: Database) -> AsyncIterator[Fault]:
    """All faults of all days, in constant memory. Raises Unavailable."""
    last = ("", "")
    while True:
        async with database.transaction() as tx:
            rows = await tx.fetch_all(_PAGE, [*last, AT_ONCE])
            if not rows:
                break
            events = await streams.read(tx, [stream_of(key_of(row)) for row in rows])
            scheduled = [await tx.fetch_all(_SCHEDULED, [row["depot"], row["delivery_date"]]) for row in rows]
        last = (rows[-1]["depot"], rows[-1]["delivery_date"])
        for row, shipments in zip(rows, scheduled, strict=True):
            stream_id = stream_of(key_of(row))
            for what in faults(row, events[stream_id], shipments):
                yield Fault(stream_id, what)
    async with database.reading() as connection:
        for row in await connection.fetch_all(_WITHOUT_ROW):
            yield Fault(row["stream_id"], "has events and no row")


def faults(row: Row, events: Sequence[Row], shipments: Sequence[Row]) -> list[str]:
    """What is wrong with a day, of its row, its events, and the shipments with a window on it."""
    if [event["sequence"] for event in events] != list(range(1, len(events) + 1)):
        return [f"has a gap in its {len(events)} events"]
    try:
        day, snapshot = fold(key_of(row), CODEC.decode_rows(events)), read_snapshot(row)
    except (UnknownEvent, msgspec.MsgspecError) as error:
        return [str(error)]
    found = [] if snapshot in (None, day) and row["version"] == day.version else ["differs from its events"]
    return found + _disagreeing(day, shipments)


def _disagreeing(day: Day, shipments: Sequence[Row]) -> list[str]:
    """What shipments say about the day, and the day does not, or the other way round."""
    ahead = {(str(each.shipment_id), each.van, *each.window) for each in day.ahead}
    windows = {
        (row["shipment_id"], row["van"], aware(row["window_from"]), aware(row["window_to"])): row["status"]
        for row in shipments
    }
    missing = [each[0] for each, status in windows.items() if status in _NOT_SENT and each not in ahead]
    return [
        *(f"has a delivery of shipment {each[0]}, which does not" for each in sorted(ahead - windows.keys())),
        *(f"lacks the delivery of shipment {each}" for each in sorted(missing)),
    ]
