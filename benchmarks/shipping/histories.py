"""The shipments of this benchmark: three lines, two parcels, delivered at the second attempt, which is seven events.

All depend on a number: ids increase with it, as UUIDs of version 7 do, and so do the times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import reduce
from typing import Any, NamedTuple
from uuid import UUID

from benchmarks.stream.references import START, an_id
from contracts.shipping import ShippedLine
from shipping.shipments.decisions import delivering, packing
from shipping.shipments.events import ShipmentEvent, ShipmentPlanned
from shipping.shipments.folding import apply, begin
from shipping.shipments.state import Shipment

LINES = 3
CARRIER, LOCATION, REASON = "dhl", "main", "recipient-absent"
WEIGHTS = (Decimal("1.250"), None)

_STARTED_AT = datetime.fromisoformat(START)


class Command(NamedTuple):
    """A command on a shipment: its name in REST, its body, and the decision about it."""

    name: str
    body: dict[str, Any]
    decide: Callable[[Shipment, datetime], Sequence[ShipmentEvent]]


COMMANDS = (
    Command("pack", {"parcels": [{"weight": 1.25}, {}]}, lambda it, at: packing.pack(it, WEIGHTS, at)),
    Command("dispatch", {"carrier": CARRIER}, lambda it, at: delivering.dispatch(it, CARRIER, at)),
    Command("fail", {"reason": REASON}, lambda it, at: delivering.fail(it, REASON, at)),
    Command("dispatch", {}, lambda it, at: delivering.dispatch(it, None, at)),
    Command("deliver", {}, delivering.deliver),
)
"""From the planning of a shipment to its recipient."""

_NUMBER_GIVEN = Command("parcels/2", {}, lambda it, at: packing.give_tracking_number(it, "2", CARRIER, at))

EVENTS = 1 + len(COMMANDS) + 1


def shipment_id(number: int) -> UUID:
    """The id of the shipment with this number."""
    return UUID(an_id("shipment", number))


def planned(number: int) -> ShipmentPlanned:
    """Its first event."""
    lines = (
        ShippedLine(
            sku=f"BENCH-{(number + position) % 1000:04}",
            quantity=position,
            line_number=position,
            order_line_id=UUID(an_id("line", number * LINES + position)),
        )
        for position in range(1, LINES + 1)
    )
    return ShipmentPlanned(
        order_id=UUID(an_id("order", number)),
        customer_id=UUID(an_id("customer", number)),
        delivery_address_id=UUID(an_id("address", number)),
        city="Berlin",
        region=None,
        country="DE",
        location=LOCATION,
        lines=tuple(lines),
        at=_STARTED_AT + timedelta(milliseconds=number),
    )


def just_planned(number: int) -> Shipment:
    """Its state after the first event."""
    return begin(shipment_id(number), planned(number))


def history(number: int) -> list[ShipmentEvent]:
    """All its events."""
    first = planned(number)
    state, events = begin(shipment_id(number), first), list[ShipmentEvent]([first])
    for hours, command in enumerate((COMMANDS[0], _NUMBER_GIVEN, *COMMANDS[1:]), 1):
        more = command.decide(state, first.at + timedelta(hours=hours))
        state = reduce(apply, more, state)
        events += more
    return events
