"""What events, states and commands are made of besides `contracts/shipping.py`. Nothing here is about a person."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import msgspec


class Place(msgspec.Struct, kw_only=True, frozen=True):
    """As much of an address as is kept for ever."""

    city: str | None = None
    region: str | None = None
    country: str | None = None


class Units(msgspec.Struct, kw_only=True, frozen=True):
    """Some units of an order line, as a client names them."""

    order_line_id: UUID
    quantity: int


class PackedParcel(msgspec.Struct, kw_only=True, frozen=True):
    """A parcel as it was packed: `1`, `2`, … in its shipment; `weight` in kg."""

    parcel_id: str
    weight: Decimal | None = None


class ParcelState(msgspec.Struct, kw_only=True, frozen=True):
    """A parcel as its events know it: that it has a tracking number, and not which."""

    parcel_id: str
    weight: Decimal | None = None
    carrier: str | None = None
    has_tracking_number: bool = False


class DeliveryWindow(msgspec.Struct, kw_only=True, frozen=True):
    """When a van of a depot brings a shipment: from `window_from` to before `window_to`, on the local day `date`."""

    depot: str
    date: date
    van: str
    window_from: datetime
    window_to: datetime
    zone: str


class TrackingCode(StrEnum):
    """What a carrier reports, in one vocabulary for all carriers. A code that is not known here is `other`."""

    ANNOUNCED = "announced"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPT_FAILED = "attempt_failed"
    DELIVERED = "delivered"
    RETURNED = "returned"
    OTHER = "other"

    @classmethod
    def _missing_(cls, _: object) -> TrackingCode:
        return cls.OTHER
