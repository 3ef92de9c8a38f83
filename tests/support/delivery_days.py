"""Delivery days as tests want them: a depot in Berlin, and deliveries by the hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from uuid import uuid4

from msgspec.structs import replace

from contracts.shipping import ShipmentStatus
from shipping.days.events import DeliveryPlanned
from shipping.days.folding import apply
from shipping.days.planning import Wish, adopt, schedule
from shipping.days.rules import DayRule
from shipping.days.state import Day
from shipping.days.values import Settings, Window
from shipping.shipments.decisions.rules import RuleBroken
from shipping.shipments.state import Shipment
from tests.support.shipments import a_shipment

DATE = date(2026, 12, 1)
MIDNIGHT = datetime(2026, 12, 1, tzinfo=UTC)
BEFORE = MIDNIGHT - timedelta(days=1)
"""When deliveries are planned, unless a test says otherwise."""

OPEN = Settings(zone="UTC", opens="08:00", closes="18:00", parallel_deliveries=3, vans=("a", "b", "c", "d", "e"))


def hours(begin: float, end: float) -> Window:
    """From one hour of the day to another, in UTC."""
    return Window(MIDNIGHT + timedelta(hours=begin), MIDNIGHT + timedelta(hours=end))


def a_day(*planned: tuple[str, float, float], settings: Settings = OPEN) -> Day:
    """A day that is open, with a delivery of another shipment for each van, hour and hour."""
    day = Day(depot="main", date=DATE)
    day = reduce(apply, adopt(day, settings, BEFORE), day)
    for van, begin, end in planned:
        start, stop = hours(begin, end)
        event = DeliveryPlanned(shipment_id=uuid4(), van=van, window_from=start, window_to=stop, at=BEFORE)
        day = apply(day, event)
    return day


def in_depot(status: ShipmentStatus = ShipmentStatus.PLANNED, location: str = "main") -> Shipment:
    """A shipment of the depot."""
    return replace(a_shipment(status), location=location)


def violated(
    day: Day, van: str, window: Window, shipment: Shipment | None = None, at: datetime = BEFORE
) -> Sequence[str]:
    """The rules that the planning of a shipment breaks; empty if it is possible."""
    try:
        schedule(day, shipment or in_depot(), Wish(van, window), at)
    except RuleBroken as broken:
        return broken.rules
    return []


PARALLEL, ONE_VAN = DayRule.PARALLEL_DELIVERIES, DayRule.ONE_VAN_AT_A_TIME
