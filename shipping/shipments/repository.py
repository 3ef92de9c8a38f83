"""The SQL of shipments: locks them, folds their events, and appends events together with the row they lead to.

A command locks the rows of its shipments first, so that of several the next one sees what the one before did.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import reduce
from typing import NamedTuple
from uuid import UUID

from chassis.databases.mysql import Connection, Row, placeholders
from chassis.databases.mysql_times import aware
from contracts.rows import columns
from contracts.shipping import ShipmentRow, ShipmentStatus, read_shipped_lines
from shipping.carriers.forgetting import forget_numbers_later
from shipping.columns import read_row, values
from shipping.days import repository as days
from shipping.days.following import follow
from shipping.days.repository import LockedDay
from shipping.days.values import DayKey
from shipping.events import streams
from shipping.events.streams import Cause
from shipping.returns.opening import open_if_returned_later
from shipping.shipments.events import CODEC, ShipmentEvent, ShipmentPlanned
from shipping.shipments.folding import apply, begin, fold
from shipping.shipments.rows import NOTHING_PERSONAL, Personal, personal_after, personal_of, row_of
from shipping.shipments.state import Shipment

COLUMNS = tuple(columns(ShipmentRow))
_QUOTED = [f"`{name}`" for name in COLUMNS]

_LOCK = """
SELECT shipment_id, status, parcels, received_by, depot, delivery_date, version FROM shipment
WHERE shipment_id IN ({}) ORDER BY shipment_id FOR UPDATE
"""
_INSERT = f"INSERT INTO shipment ({', '.join(_QUOTED)}) VALUES ({placeholders(COLUMNS)})"
_UPDATE = f"UPDATE shipment SET {', '.join(f'{name} = %s' for name in _QUOTED)} WHERE shipment_id = %s"
_READ = f"SELECT {', '.join(_QUOTED)} FROM shipment WHERE shipment_id = %s"
_READ_SOME = f"SELECT {', '.join(_QUOTED)} FROM shipment WHERE shipment_id IN ({{}}) ORDER BY shipment_id"
_DELIVERED = "SELECT location, `lines` FROM shipment WHERE order_id = %s AND status = %s"
_ORDER_OF = "SELECT order_id FROM shipment WHERE shipment_id = %s"

_STREAM = "shipment:"

_BEFORE_DELIVERY = (
    *(ShipmentStatus.PLANNED.value, ShipmentStatus.PACKED.value),
    *(ShipmentStatus.DISPATCHED.value, ShipmentStatus.FAILED.value),
)


class Stored(NamedTuple):
    """A shipment as it is: its state, and the personal data of its row.

    `raised` is by how much the version of its row exceeds its number of events: `oms reconcile --repair` raises it, so
    that the row is sent again, and what is written later must still be newer. `day` is the day of its delivery, if it
    may have one ahead; it follows what happens to the shipment.
    """

    state: Shipment
    personal: Personal = NOTHING_PERSONAL
    raised: int = 0
    day: LockedDay | None = None

    @property
    def version(self) -> int:
        """The version of its row."""
        return self.state.version + self.raised

    def row(self, updated_at: datetime) -> ShipmentRow:
        """Its row."""
        return row_of(self.state, self.personal, updated_at, self.raised)


def stream_of(shipment_id: UUID | str) -> str:
    """The stream of a shipment's events."""
    return f"{_STREAM}{shipment_id}"


async def lock(tx: Connection, shipment_ids: Collection[UUID], day: DayKey | None = None) -> dict[UUID, Stored]:
    """Those of these shipments that exist with the days of their deliveries, all locked until the transaction ends.

    With `day`, that day is locked as well, and is the one of shipments that have no delivery ahead.

    The transaction may have locked rows before, and must not have read any without a lock: what it reads from then on
    is what was committed at that time.
    """
    if not shipment_ids:
        return {}
    ids = [str(each) for each in sorted(shipment_ids)]
    rows = await tx.fetch_all(_LOCK.format(placeholders(ids)), ids)
    found = {UUID(row["shipment_id"]): row for row in rows}
    if not found:
        return {}
    keys = {shipment_id: days.key_of(row) for shipment_id, row in found.items() if _may_have_delivery_ahead(row)}
    locked_days = await days.lock(tx, {*keys.values(), *([day] if day else [])})
    states = await read_states(tx, list(found))
    stored = {}
    for shipment_id, row in found.items():
        state = states[shipment_id]
        raised = max(0, row["version"] - state.version)
        key = keys.get(shipment_id) if state.is_scheduled or day is None else day
        of_day = locked_days[key] if key else None
        stored[shipment_id] = Stored(state, personal_of(row["parcels"], row["received_by"]), raised, of_day)
    return stored


def _may_have_delivery_ahead(row: Row) -> bool:
    return row["depot"] is not None and row["status"] in _BEFORE_DELIVERY


async def read_states(connection: Connection, shipment_ids: Collection[UUID]) -> dict[UUID, Shipment]:
    """The states that the events of these shipments lead to."""
    rows = await streams.read(connection, [stream_of(each) for each in shipment_ids])
    folded = ((each, fold(each, CODEC.decode_rows(rows[stream_of(each)]))) for each in shipment_ids)
    return {shipment_id: state for shipment_id, state in folded if state is not None}


async def find_row(connection: Connection, shipment_id: UUID) -> Row | None:
    """The row of a shipment, or None."""
    return await connection.fetch_one(_READ, [str(shipment_id)])


async def find_rows_of(connection: Connection, shipment_ids: Collection[UUID]) -> list[ShipmentRow]:
    """The rows of these shipments, sorted by id."""
    if not shipment_ids:
        return []
    ids = [str(each) for each in shipment_ids]
    return [read_row(ShipmentRow, row) for row in await connection.fetch_all(_READ_SOME.format(placeholders(ids)), ids)]


async def find_past(
    connection: Connection, shipment_id: UUID, version: int | None, at: datetime | None
) -> ShipmentRow | None:
    """The row to which the first `version` events led, or those that were recorded until `at`; None if there are none.

    It has nothing personal.
    """
    rows = await streams.read_until(connection, stream_of(shipment_id), version, at)
    state = fold(shipment_id, CODEC.decode_rows(rows))
    return None if state is None else row_of(state, NOTHING_PERSONAL, aware(rows[-1]["recorded_at"]))


async def find_order_id(connection: Connection, shipment_id: UUID) -> UUID | None:
    """The order of a shipment, which never changes; None if there is no such shipment."""
    row = await connection.fetch_one(_ORDER_OF, [str(shipment_id)])
    return UUID(row["order_id"]) if row else None


async def find_locations(connection: Connection, order_id: UUID, order_line_ids: Collection[UUID]) -> set[str]:
    """The locations that delivered units of these lines of an order."""
    rows = await connection.fetch_all(_DELIVERED, [str(order_id), ShipmentStatus.DELIVERED])
    return {
        row["location"]
        for row in rows
        if any(line.order_line_id in order_line_ids for line in read_shipped_lines(row["lines"]))
    }


def append_later(
    tx: Connection, before: Stored, events: Sequence[ShipmentEvent], cause: Cause, moment: datetime
) -> Stored:
    """Append events to a locked shipment, and write the row they lead to, together with the next statement.

    `before` has the personal data that the row shall have; after an erasure it has none. One that comes back to its
    sender opens its return.
    """
    if before.day is not None:
        events, of_day = follow(before.day.state, before.state.shipment_id, events)
        before.day.append_later(tx, of_day, cause, moment)
    state = reduce(apply, events, before.state)
    after = Stored(state, personal_after(before.personal, events), before.raised, before.day)
    streams.append_later(tx, stream_of(state.shipment_id), before.state.version, events, cause, moment)
    if state.erased_at is not None and before.state.erased_at is None:
        forget_numbers_later(tx, state.shipment_id, moment)
    tx.later(_UPDATE, [*values(after.row(moment)), str(state.shipment_id)])
    open_if_returned_later(tx, before.state, state, cause, moment)
    return after


def plan_later(
    tx: Connection, shipment_id: UUID, events: Sequence[ShipmentEvent], cause: Cause, moment: datetime
) -> Stored:
    """Insert a new shipment, whose first event is its planning, together with the next statement."""
    first, *others = events
    assert isinstance(first, ShipmentPlanned), "a stream begins with the planning"
    planned = Stored(reduce(apply, others, begin(shipment_id, first)))
    streams.append_later(tx, stream_of(shipment_id), 0, events, cause, moment)
    tx.later(_INSERT, values(planned.row(moment)))
    return planned


def write_all_later(
    tx: Connection,
    known: Mapping[UUID, Stored],
    changes: Mapping[UUID, Sequence[ShipmentEvent]],
    cause: Cause,
    moment: datetime,
) -> dict[UUID, Stored]:
    """Append the events of each shipment, new ones included, in the order of their ids. Returns the new ones."""
    new = {}
    for shipment_id, events in sorted(changes.items()):
        if before := known.get(shipment_id):
            append_later(tx, before, events, cause, moment)
        else:
            new[shipment_id] = plan_later(tx, shipment_id, events, cause, moment)
    return new
