"""The events of a delivery day. What they mean for a shipment is on the shipment's stream as well."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shipping.events.codec import Codec
from shipping.events.event import Event


class Outcome(StrEnum):
    """How an attempt to deliver ended."""

    DELIVERED = "delivered"
    FAILED = "failed"


class DayEvent(Event, frozen=True, kw_only=True):
    """Something that happened to a delivery day."""


class DayOpened(DayEvent, frozen=True, kw_only=True):
    """The day takes deliveries, by what its depot says at this time."""

    depot: str
    date: date
    zone: str
    opens: str
    closes: str
    parallel_deliveries: int
    vans: tuple[str, ...]


class DayChanged(DayEvent, frozen=True, kw_only=True):
    """The depot says something else now. What was planned before stays."""

    zone: str
    opens: str
    closes: str
    parallel_deliveries: int
    vans: tuple[str, ...]


class DeliveryPlanned(DayEvent, frozen=True, kw_only=True):
    """A van shall bring a shipment from `window_from` to before `window_to`."""

    shipment_id: UUID
    van: str
    window_from: datetime
    window_to: datetime


class DeliveryRemoved(DayEvent, frozen=True, kw_only=True):
    """The shipment is not brought on this day."""

    shipment_id: UUID
    reason: str


class DeliveryStarted(DayEvent, frozen=True, kw_only=True):
    """The van is on its way with the shipment."""

    shipment_id: UUID


class DeliveryFinished(DayEvent, frozen=True, kw_only=True):
    """The attempt has ended; from now on the van is free."""

    shipment_id: UUID
    outcome: str


CODEC: Codec[DayEvent] = Codec(DayEvent.__subclasses__())
"""How they are stored."""
