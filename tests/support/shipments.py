"""Shipments as tests want them: an order of some lines, and a shipment of it in any status."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import reduce
from uuid import UUID, uuid4

from contracts.shipping import ShipmentStatus, TrackingEvent
from shipping.shipments.decisions.delivering import cancel, deliver, dispatch, fail, recall, return_to_sender
from shipping.shipments.decisions.grouping import Order, OrderedLine, group
from shipping.shipments.decisions.packing import pack
from shipping.shipments.decisions.regrouping import regroup
from shipping.shipments.events import ShipmentEvent
from shipping.shipments.folding import apply, fold
from shipping.shipments.state import Shipment
from shipping.shipments.values import Place, Units
from tests.support.shop.rows import NOON

LIMA = Place(city="Lima", region="Lima", country="PE")


def an_order(*quantities: int, address_id: UUID | None = None) -> Order:
    """An order with a line for each quantity, all for one address in Lima."""
    to = address_id or uuid4()
    lines = [OrderedLine(uuid4(), number, f"SKU-{number}", units, to) for number, units in enumerate(quantities, 1)]
    return Order(uuid4(), uuid4(), lines, {to: LIMA})


def planned(order: Order, location: str = "main") -> Shipment:
    """The one shipment of an order whose units are all in one place."""
    [(shipment_id, events)] = regroup(order, group(order, [], location), [], NOON).items()
    found = fold(shipment_id, events)
    assert found is not None
    return found


def after(shipment: Shipment, *commands: Sequence[ShipmentEvent]) -> Shipment:
    """The shipment after these events."""
    return reduce(apply, (event for events in commands for event in events), shipment)


def a_shipment(status: ShipmentStatus = ShipmentStatus.PLANNED, *quantities: int, parcels: int = 1) -> Shipment:
    """A shipment of an order with these lines, by default one of 3 units."""
    steps = {
        ShipmentStatus.PACKED: lambda it: pack(it, [None] * parcels, NOON),
        ShipmentStatus.DISPATCHED: lambda it: dispatch(it, "dhl", NOON),
        ShipmentStatus.DELIVERED: lambda it: deliver(it, NOON),
        ShipmentStatus.FAILED: lambda it: fail(it, "recipient-absent", NOON),
        ShipmentStatus.RECALLED: lambda it: recall(it, "order-cancelled", NOON),
        ShipmentStatus.RETURNED: lambda it: return_to_sender(it, None, NOON),
        ShipmentStatus.CANCELLED: lambda it: cancel(it, "out-of-stock", NOON),
    }
    shipment = planned(an_order(*(quantities or (3,))))
    for step in _WAYS[status]:
        shipment = after(shipment, steps[step](shipment))
    return shipment


_SENT = (ShipmentStatus.PACKED, ShipmentStatus.DISPATCHED)
_WAYS: dict[ShipmentStatus, tuple[ShipmentStatus, ...]] = {
    ShipmentStatus.PLANNED: (),
    ShipmentStatus.PACKED: _SENT[:1],
    ShipmentStatus.DISPATCHED: _SENT,
    ShipmentStatus.DELIVERED: (*_SENT, ShipmentStatus.DELIVERED),
    ShipmentStatus.FAILED: (*_SENT, ShipmentStatus.FAILED),
    ShipmentStatus.RETURNED: (*_SENT, ShipmentStatus.FAILED, ShipmentStatus.RETURNED),
    ShipmentStatus.RECALLED: (*_SENT, ShipmentStatus.RECALLED),
    ShipmentStatus.CANCELLED: (ShipmentStatus.CANCELLED,),
}


def units(shipment: Shipment, *quantities: int) -> list[Units]:
    """So many units of the first, second, … line."""
    lines = zip(shipment.lines, quantities, strict=False)
    return [Units(order_line_id=line.order_line_id, quantity=quantity) for line, quantity in lines]


def reported(
    event_id: str, code: str, minutes: int = 0, parcel_id: str | None = None, city: str | None = None
) -> TrackingEvent:
    """A report of a carrier, so many minutes after noon."""
    return TrackingEvent(
        event_id=event_id,
        code=code,
        parcel_id=parcel_id,
        city=city,
        at=NOON + timedelta(minutes=minutes),
    )
