"""The state of a shipment, which its events lead to."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from contracts.shipping import LEFT, ShipmentStatus, ShippedLine, TrackingEvent
from shipping.shipments.values import DeliveryWindow, ParcelState, Place

OPEN = (ShipmentStatus.PLANNED, ShipmentStatus.PACKED)
"""The statuses of a shipment that has not left its location."""


class Shipment(msgspec.Struct, kw_only=True, frozen=True):
    """A shipment after `version` events, without the personal data of its row.

    `tracking` is sorted by time. `attempts` counts the failed deliveries. `reason` is the code of the last
    failure, recall, return or cancellation. `window` is that of the last delivery by
    a van of ours, and `is_scheduled` whether this delivery has not ended.
    """

    shipment_id: UUID
    version: int = 1
    status: ShipmentStatus = ShipmentStatus.PLANNED
    order_id: UUID
    customer_id: UUID
    delivery_address_id: UUID
    city: str | None
    region: str | None
    country: str | None
    location: str
    lines: tuple[ShippedLine, ...]
    split_from: UUID | None
    parcels: tuple[ParcelState, ...] = ()
    tracking: tuple[TrackingEvent, ...] = ()
    carrier: str | None = None
    window: DeliveryWindow | None = None
    is_scheduled: bool = False
    attempts: int = 0
    reason: str | None = None
    planned_at: datetime
    packed_at: datetime | None = None
    dispatched_at: datetime | None = None
    failed_at: datetime | None = None
    delivered_at: datetime | None = None
    recalled_at: datetime | None = None
    returned_at: datetime | None = None
    cancelled_at: datetime | None = None
    erased_at: datetime | None = None

    @property
    def place(self) -> Place:
        """Where its address is."""
        return Place(city=self.city, region=self.region, country=self.country)

    @property
    def has_left(self) -> bool:
        """Whether it has left its location, wherever it is now."""
        return self.status in LEFT

    @property
    def is_open(self) -> bool:
        """Whether it has not left its location, and shall."""
        return self.status in OPEN
