"""Delivery days as clients see them."""

from __future__ import annotations

from datetime import UTC

from chassis.databases.mysql import Row
from shipping.days.events import CODEC
from shipping.days.models import DayEvent, DeliveryDay
from shipping.days.models import Delivery as ShownDelivery
from shipping.days.state import Day, Delivery
from shipping.days.values import Settings
from shipping.shipments.representation import members_of_event


def day_of(day: Day, settings: Settings) -> DeliveryDay:
    """A day with these settings."""
    ordered = sorted(day.deliveries, key=lambda each: (each.window_from, each.van))
    return DeliveryDay(
        depot=day.depot,
        date=day.date,
        zone=settings.zone,
        opens=settings.opens,
        closes=settings.closes,
        parallel_deliveries=settings.parallel_deliveries,
        vans=list(settings.vans),
        deliveries=[_delivery(each) for each in ordered],
        version=day.version,
    )


def event_of(row: Row) -> DayEvent:
    """An event, of its row."""
    return DayEvent(**members_of_event(row, CODEC))


def _delivery(delivery: Delivery) -> ShownDelivery:
    return ShownDelivery(
        shipment_id=delivery.shipment_id,
        van=delivery.van,
        from_=delivery.window_from.astimezone(UTC),
        to=delivery.window_to.astimezone(UTC),
        started_at=delivery.started_at,
        finished_at=delivery.finished_at,
        outcome=delivery.outcome,
    )
