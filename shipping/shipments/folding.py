"""Folds the events of a shipment to its state. No rule is checked here: what has happened has happened."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence
from functools import reduce
from uuid import UUID

from msgspec.structs import replace

from contracts.shipping import ShipmentStatus, ShippedLine, TrackingEvent
from shipping.events.codec import BrokenStream
from shipping.shipments import events as e
from shipping.shipments.state import Shipment
from shipping.shipments.values import DeliveryWindow, ParcelState


def apply(state: Shipment, event: e.ShipmentEvent) -> Shipment:
    """The state after an event. Raises TypeError for a type that is not known here."""
    status = ShipmentStatus
    at, changed = event.at, replace(state, version=state.version + 1)
    match event:
        case e.ShipmentPlanned():
            return replace(begin(state.shipment_id, event), version=changed.version)
        case e.ShipmentSplit(lines=lines):
            return replace(changed, lines=_less(state.lines, lines))
        case e.AddressCorrected():
            return replace(changed, city=event.city, region=event.region, country=event.country)
        case e.DeliveryScheduled():
            return replace(changed, window=_window_of(event), is_scheduled=True)
        case e.DeliveryUnscheduled():
            return replace(changed, window=None, is_scheduled=False)
        case e.ShipmentPacked(parcels=parcels):
            packed = tuple(ParcelState(parcel_id=each.parcel_id, weight=each.weight) for each in parcels)
            return replace(changed, status=status.PACKED, parcels=packed, packed_at=at)
        case e.TrackingNumberGiven():
            return replace(changed, parcels=_with_number(state.parcels, event))
        case e.ShipmentDispatched(carrier=carrier):
            return replace(changed, status=status.DISPATCHED, carrier=carrier, dispatched_at=at)
        case e.TrackingRecorded(tracking_event=reported):
            return replace(changed, tracking=_in_its_place(state.tracking, reported))
        case e.DeliveryFailed(reason=reason, attempt=attempt):
            failed = replace(changed, status=status.FAILED, reason=reason, attempts=attempt, failed_at=at)
            return replace(failed, is_scheduled=False)
        case e.DeliveryRetried():
            return replace(changed, status=status.DISPATCHED)
        case e.ShipmentDelivered():
            return replace(changed, status=status.DELIVERED, delivered_at=at, is_scheduled=False)
        case e.ShipmentRecalled(reason=reason):
            return replace(changed, status=status.RECALLED, reason=reason, recalled_at=at)
        case e.ShipmentReturned(reason=reason):
            return replace(changed, status=status.RETURNED, reason=reason or state.reason, returned_at=at)
        case e.ShipmentCancelled(reason=reason):
            return replace(changed, status=status.CANCELLED, reason=reason, cancelled_at=at)
        case e.RecipientErased():
            return replace(changed, erased_at=at)
        case _:
            raise TypeError(type(event).__name__)


def begin(shipment_id: UUID, planned: e.ShipmentPlanned) -> Shipment:
    """The state after the first event of a stream."""
    return Shipment(
        shipment_id=shipment_id,
        order_id=planned.order_id,
        customer_id=planned.customer_id,
        delivery_address_id=planned.delivery_address_id,
        city=planned.city,
        region=planned.region,
        country=planned.country,
        location=planned.location,
        lines=planned.lines,
        split_from=planned.split_from,
        planned_at=planned.at,
    )


def fold(shipment_id: UUID, events: Iterable[e.ShipmentEvent]) -> Shipment | None:
    """The state after all events, None if there are none. Raises BrokenStream."""
    rest = iter(events)
    first = next(rest, None)
    if first is None:
        return None
    if not isinstance(first, e.ShipmentPlanned):
        raise BrokenStream(f"shipment {shipment_id} begins with {type(first).__name__}")
    return reduce(apply, rest, begin(shipment_id, first))


def _window_of(event: e.DeliveryScheduled) -> DeliveryWindow:
    return DeliveryWindow(**{name: getattr(event, name) for name in DeliveryWindow.__struct_fields__})


def _less(lines: Sequence[ShippedLine], moved: Sequence[ShippedLine]) -> tuple[ShippedLine, ...]:
    units = {each.order_line_id: each.quantity for each in moved}
    left = (replace(line, quantity=line.quantity - units.get(line.order_line_id, 0)) for line in lines)
    return tuple(line for line in left if line.quantity > 0)


def _with_number(parcels: Sequence[ParcelState], given: e.TrackingNumberGiven) -> tuple[ParcelState, ...]:
    return tuple(
        replace(each, carrier=given.carrier, has_tracking_number=True) if each.parcel_id == given.parcel_id else each
        for each in parcels
    )


def _in_its_place(tracking: Sequence[TrackingEvent], reported: TrackingEvent) -> tuple[TrackingEvent, ...]:
    by_time = [*tracking]
    insort(by_time, reported, key=lambda each: (each.at, each.event_id))
    return tuple(by_time)
