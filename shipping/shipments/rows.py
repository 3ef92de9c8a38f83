"""The row that a shipment's state leads to, with the personal data that is in no event. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from contracts.shipping import MOST_TRACKING, Parcel, ShipmentRow, read_parcels, write_parts
from shipping.shipments.events import RecipientErased, ShipmentEvent
from shipping.shipments.state import Shipment


class Personal(msgspec.Struct, kw_only=True, frozen=True):
    """What only the row has: the tracking number of each parcel that has one, and who received the shipment."""

    tracking_numbers: Mapping[str, str] = {}
    received_by: str | None = None


NOTHING_PERSONAL = Personal()


def personal_of(parcels: str, received_by: str | None) -> Personal:
    """The personal data of a row, of its columns."""
    numbers = {each.parcel_id: each.tracking_number for each in read_parcels(parcels) if each.tracking_number}
    return Personal(tracking_numbers=numbers, received_by=received_by)


def personal_after(personal: Personal, events: Sequence[ShipmentEvent]) -> Personal:
    """What is left of it after these events."""
    return NOTHING_PERSONAL if any(isinstance(each, RecipientErased) for each in events) else personal


def row_of(state: Shipment, personal: Personal, updated_at: datetime, raised: int = 0) -> ShipmentRow:
    """The row of a state, whose version was raised by so much. Its tracking has the newest reports only."""
    window = state.window
    return ShipmentRow(
        shipment_id=state.shipment_id,
        order_id=state.order_id,
        customer_id=state.customer_id,
        status=state.status.value,
        location=state.location,
        delivery_address_id=state.delivery_address_id,
        city=state.city,
        region=state.region,
        country=state.country,
        lines=write_parts(state.lines),
        parcels=write_parts(_parcels(state, personal)),
        tracking=write_parts(state.tracking[-MOST_TRACKING:]),
        carrier=state.carrier,
        attempts=state.attempts,
        reason=state.reason,
        received_by=personal.received_by,
        planned_at=state.planned_at,
        packed_at=state.packed_at,
        dispatched_at=state.dispatched_at,
        delivered_at=state.delivered_at,
        cancelled_at=state.cancelled_at,
        returned_at=state.returned_at,
        erased_at=state.erased_at,
        depot=window.depot if window else None,
        delivery_date=window.date.isoformat() if window else None,
        van=window.van if window else None,
        window_from=window.window_from if window else None,
        window_to=window.window_to if window else None,
        window_zone=window.zone if window else None,
        updated_at=updated_at,
        version=state.version + raised,
    )


def _parcels(state: Shipment, personal: Personal) -> list[Parcel]:
    return [
        Parcel(
            weight=each.weight,
            carrier=each.carrier or state.carrier,
            parcel_id=each.parcel_id,
            tracking_number=personal.tracking_numbers.get(each.parcel_id),
        )
        for each in state.parcels
    ]
