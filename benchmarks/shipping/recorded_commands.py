"""The packets that the service sends to MySQL for the commands on a shipment, recorded from its own routes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

from fastapi import Response

from benchmarks.shipping.histories import COMMANDS, just_planned, planned
from benchmarks.shipping.recorder import Packet, Recorder
from chassis.databases.mysql import Database, Row
from chassis.databases.mysql_times import stored
from chassis.rest.idempotency import Post
from shipping.columns import values
from shipping.events.codec import encode
from shipping.shipments import command_routes as routes
from shipping.shipments import models
from shipping.shipments.events import CODEC, ShipmentEvent
from shipping.shipments.folding import apply
from shipping.shipments.repository import COLUMNS, Stored, stream_of
from shipping.shipments.state import Shipment

Route = Callable[[UUID, dict[str, Any], Database, Post], Awaitable[Response]]

_ROUTES: Mapping[str, Route] = {
    "pack": lambda it, body, db, once: routes.pack_shipment(it, models.Packing(**body), db, once),
    "dispatch": lambda it, body, db, once: routes.dispatch_shipment(it, db, once, models.Dispatch(**body)),
    "fail": lambda it, body, db, once: routes.fail_shipment(it, models.Failure(**body), db, once),
    "deliver": lambda it, body, db, once: routes.deliver_shipment(it, db, once, models.Delivery(**body)),
}


async def packets_of(number: int) -> AsyncIterator[list[Packet]]:
    """The packets of each command, one command after the other."""
    state, events = just_planned(number), list[ShipmentEvent]([planned(number)])
    for command in COMMANDS:
        recorder = Recorder(_Rows(state, events).find)
        once = Post("benchmark", str(uuid4()), "0" * 64)
        await _ROUTES[command.name](state.shipment_id, command.body, recorder.database(), once)
        yield recorder.packets
        event = _appended(recorder)
        state, events = apply(state, event), [*events, event]


def _appended(recorder: Recorder) -> ShipmentEvent:
    """The one event that a command inserts."""
    [values] = [values for sql, values in recorder.statements if "INSERT INTO shipping_event" in sql]
    _, _, _, kind, version, data, *_ = values
    return CODEC.decode(kind, version, data)


class _Rows:
    """The rows of one shipment, as the database would have them."""

    def __init__(self, state: Shipment, events: list[ShipmentEvent]) -> None:
        self._state, self._events = state, events

    def find(self, sql: str) -> list[Row]:
        """The rows that a query for this shipment finds; no order of this benchmark is sourced."""
        if "FROM shipping_event" in sql:
            return [self._event(sequence, event) for sequence, event in enumerate(self._events, 1)]
        if re.search(r"FROM shipment\s", sql):
            return [dict(zip(COLUMNS, values(Stored(self._state).row(self._events[-1].at)), strict=True))]
        return []

    def _event(self, sequence: int, event: ShipmentEvent) -> Row:
        kind, version, data = encode(event)
        of_stream = {"stream_id": stream_of(self._state.shipment_id), "sequence": sequence}
        return of_stream | {"type": kind, "type_version": version, "data": data, "recorded_at": stored(event.at)}
