"""Checks that each shipment's events have no gap and lead to its row, and that its order names it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from uuid import UUID

import msgspec

from chassis.databases.mysql import Connection, Database, Row, placeholders
from chassis.databases.mysql_times import aware
from contracts.shipping import ShipmentRow
from shipping.columns import read_row
from shipping.events import streams
from shipping.events.codec import BrokenStream, UnknownEvent
from shipping.events.faults import Fault, differences, has_gap
from shipping.shipments.events import CODEC
from shipping.shipments.folding import fold
from shipping.shipments.repository import COLUMNS, stream_of
from shipping.shipments.rows import personal_of, row_of

AT_ONCE = 200
"""Shipments of one transaction, in which rows and events are of the same moment."""

_PAGE = f"""
SELECT {", ".join(f"`{name}`" for name in COLUMNS)} FROM shipment WHERE shipment_id > %s ORDER BY shipment_id LIMIT %s
"""
_NAMED = "SELECT order_id, shipment_ids FROM replica_order WHERE order_id IN ({})"
_WITHOUT_ROW = """
SELECT stream_id FROM shipping_event AS event
WHERE stream_id >= 'shipment:' AND stream_id < 'shipment;' AND sequence = 1 AND NOT EXISTS (
    SELECT 1 FROM shipment WHERE shipment_id = SUBSTRING(event.stream_id, 10))
"""

_read_ids = msgspec.json.Decoder(list[UUID]).decode


async def verify(database: Database) -> AsyncIterator[Fault]:
    """All faults of all shipments, in constant memory. Raises Unavailable."""
    last = ""
    while True:
        async with database.transaction() as tx:
            rows = await tx.fetch_all(_PAGE, [last, AT_ONCE])
            if not rows:
                break
            events = await streams.read(tx, [stream_of(row["shipment_id"]) for row in rows])
            named = await _named(tx, {row["order_id"] for row in rows})
        last = rows[-1]["shipment_id"]
        for row in rows:
            for what in faults(row, events[stream_of(row["shipment_id"])], named):
                yield Fault(row["shipment_id"], what)
    async with database.reading() as connection:
        for row in await connection.fetch_all(_WITHOUT_ROW):
            yield Fault(row["stream_id"], "has events and no row")


def faults(row: Row, events: Sequence[Row], named: Collection[UUID]) -> list[str]:
    """What is wrong with a shipment, of its row, its events, and the shipments that their orders name."""
    shipment = read_row(ShipmentRow, row)
    found = [] if shipment.shipment_id in named else ["its order does not name it"]
    if has_gap(events):
        return [*found, f"has a gap in its {len(events)} events"]
    try:
        state = fold(shipment.shipment_id, CODEC.decode_rows(events))
    except (UnknownEvent, BrokenStream, msgspec.MsgspecError) as error:
        return [*found, str(error)]
    if state is None:
        return [*found, "has no events"]
    personal, raised = personal_of(shipment.parcels, shipment.received_by), max(0, shipment.version - state.version)
    expected = row_of(state, personal, aware(events[-1]["recorded_at"]), raised)
    found += differences(shipment, expected)
    if state.erased_at and (shipment.received_by or personal_of(shipment.parcels, None).tracking_numbers):
        found.append("is erased and has personal data")
    return found


async def _named(tx: Connection, order_ids: Collection[str]) -> set[UUID]:
    rows = await tx.fetch_all(_NAMED.format(placeholders(order_ids)), [*order_ids])
    return {each for row in rows if row["shipment_ids"] for each in _read_ids(row["shipment_ids"])}
