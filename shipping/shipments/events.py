"""The events of a shipment. A tracking number and the name of the recipient are on its row only."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from contracts.shipping import ShippedLine, TrackingEvent
from shipping.events.codec import Codec
from shipping.events.event import Event
from shipping.shipments.values import PackedParcel


class ShipmentEvent(Event, frozen=True, kw_only=True):
    """Something that happened to a shipment."""


class ShipmentPlanned(ShipmentEvent, frozen=True, kw_only=True):
    """Units of an order shall go from a location to an address; `split_from` had these units before."""

    VERSION: ClassVar[int] = 2

    order_id: UUID
    customer_id: UUID
    delivery_address_id: UUID
    city: str | None
    region: str | None
    country: str | None
    location: str
    lines: tuple[ShippedLine, ...]
    split_from: UUID | None = None


class ShipmentSplit(ShipmentEvent, frozen=True, kw_only=True):
    """These lines, or part of their units, are in the shipment `into` now."""

    into: UUID
    lines: tuple[ShippedLine, ...]


class AddressCorrected(ShipmentEvent, frozen=True, kw_only=True):
    """The delivery address was corrected; it has the same id."""

    city: str | None
    region: str | None
    country: str | None


class DeliveryScheduled(ShipmentEvent, frozen=True, kw_only=True):
    """A van shall bring it from `window_from` to before `window_to`, on the local day `date` of the depot."""

    depot: str
    date: date
    van: str
    window_from: datetime
    window_to: datetime
    zone: str


class DeliveryUnscheduled(ShipmentEvent, frozen=True, kw_only=True):
    """It is not brought as it was scheduled."""

    reason: str


class ShipmentPacked(ShipmentEvent, frozen=True, kw_only=True):
    """The units are in parcels."""

    parcels: tuple[PackedParcel, ...]


class TrackingNumberGiven(ShipmentEvent, frozen=True, kw_only=True):
    """A parcel got a tracking number, or another one."""

    parcel_id: str
    carrier: str | None


class ShipmentDispatched(ShipmentEvent, frozen=True, kw_only=True):
    """The parcels left their location; this begins the first attempt to deliver them."""

    carrier: str | None
    parcel_ids: tuple[str, ...]


class TrackingRecorded(ShipmentEvent, frozen=True, kw_only=True):
    """A carrier reported something, in whatever order. What moves the status follows as an event of its own."""

    tracking_event: TrackingEvent


class DeliveryFailed(ShipmentEvent, frozen=True, kw_only=True):
    """An attempt to deliver failed; attempts are counted from 1."""

    attempt: int
    reason: str


class DeliveryRetried(ShipmentEvent, frozen=True, kw_only=True):
    """The next attempt began."""

    attempt: int


class ShipmentDelivered(ShipmentEvent, frozen=True, kw_only=True):
    """The recipient has the parcels."""


class ShipmentRecalled(ShipmentEvent, frozen=True, kw_only=True):
    """The shipment is on its way and is not wanted any more."""

    reason: str


class ShipmentReturned(ShipmentEvent, frozen=True, kw_only=True):
    """The parcels are back at their sender."""

    reason: str | None


class ShipmentCancelled(ShipmentEvent, frozen=True, kw_only=True):
    """The shipment never leaves."""

    reason: str


class RecipientErased(ShipmentEvent, frozen=True, kw_only=True):
    """The personal data of the row was removed, since the customer was deleted."""


CODEC: Codec[ShipmentEvent] = Codec(ShipmentEvent.__subclasses__())
"""How they are stored."""
