"""The events of a shipment. They refer to persons by id and hold nothing personal, so they can be kept for ever.

A tracking number and the name of the recipient are on the row only. A type whose fields change gets the next `VERSION`,
a step in `upcasts.py`, and an example in `contracts/examples/shipping_event_data/`; examples of old versions stay.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from contracts.shipping import ShippedLine, TrackingEvent
from shipping.events.values import PackedParcel


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a shipment at `at` in the world, which may be long before it is recorded."""

    VERSION: ClassVar[int] = 1

    at: datetime


class ShipmentPlanned(Event, frozen=True, kw_only=True):
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


class ShipmentSplit(Event, frozen=True, kw_only=True):
    """These lines, or part of their units, are in the shipment `into` now."""

    into: UUID
    lines: tuple[ShippedLine, ...]


class AddressCorrected(Event, frozen=True, kw_only=True):
    """The delivery address was corrected; it has the same id."""

    city: str | None
    region: str | None
    country: str | None


class ShipmentPacked(Event, frozen=True, kw_only=True):
    """The units are in parcels."""

    parcels: tuple[PackedParcel, ...]


class TrackingNumberGiven(Event, frozen=True, kw_only=True):
    """A parcel got a tracking number, or another one."""

    parcel_id: str
    carrier: str | None


class ShipmentDispatched(Event, frozen=True, kw_only=True):
    """The parcels left their location; this begins the first attempt to deliver them."""

    carrier: str | None
    parcel_ids: tuple[str, ...]


class TrackingRecorded(Event, frozen=True, kw_only=True):
    """A carrier reported something, in whatever order. What moves the status follows as an event of its own."""

    tracking_event: TrackingEvent


class DeliveryFailed(Event, frozen=True, kw_only=True):
    """An attempt to deliver failed; attempts are counted from 1."""

    attempt: int
    reason: str


class DeliveryRetried(Event, frozen=True, kw_only=True):
    """The next attempt began."""

    attempt: int


class ShipmentDelivered(Event, frozen=True, kw_only=True):
    """The recipient has the parcels."""


class ShipmentRecalled(Event, frozen=True, kw_only=True):
    """The shipment is on its way and is not wanted any more."""

    reason: str


class ShipmentReturned(Event, frozen=True, kw_only=True):
    """The parcels are back at their sender."""

    reason: str | None


class ShipmentCancelled(Event, frozen=True, kw_only=True):
    """The shipment never leaves."""

    reason: str


class RecipientErased(Event, frozen=True, kw_only=True):
    """The personal data of the row was removed, since the customer was deleted."""


TYPES: dict[str, type[Event]] = {each.__name__: each for each in Event.__subclasses__()}
"""All types of events by name, as it is stored."""
