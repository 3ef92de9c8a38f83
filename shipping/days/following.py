"""What the events of a shipment mean for the day that it is delivered on. Pure.

So the two streams agree whatever a command, its order or a carrier does to the shipment.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from uuid import UUID

from shipping.days.events import (
    DayEvent,
    DeliveryFinished,
    DeliveryPlanned,
    DeliveryRemoved,
    DeliveryStarted,
    Outcome,
)
from shipping.days.folding import apply
from shipping.days.state import Day
from shipping.shipments import events as e


def follow(
    day: Day, shipment_id: UUID, events: Sequence[e.ShipmentEvent]
) -> tuple[list[e.ShipmentEvent], list[DayEvent]]:
    """The events of the shipment, with those that the day adds, and the events of the day.

    A shipment that is cancelled or recalled leaves the day.
    """
    all_events: list[e.ShipmentEvent] = []
    of_day: list[DayEvent] = []
    for event in events:
        all_events.append(event)
        added = _of_day(reduce(apply, of_day, day), shipment_id, event)
        of_day += added
        if isinstance(event, e.ShipmentCancelled | e.ShipmentRecalled) and added:
            all_events.append(e.DeliveryUnscheduled(reason=event.reason, at=event.at))
    return all_events, of_day


def _of_day(day: Day, shipment_id: UUID, event: e.ShipmentEvent) -> list[DayEvent]:
    at, delivery = event.at, day.delivery_of(shipment_id)
    if isinstance(event, e.DeliveryScheduled):
        begin, end = event.window_from, event.window_to
        return [DeliveryPlanned(shipment_id=shipment_id, van=event.van, window_from=begin, window_to=end, at=at)]
    if delivery is None or delivery.outcome is not None:
        return []
    match event:
        case e.ShipmentDispatched() | e.DeliveryRetried() if delivery.started_at is None:
            return [DeliveryStarted(shipment_id=shipment_id, at=at)]
        case e.ShipmentDelivered():
            return [DeliveryFinished(shipment_id=shipment_id, outcome=Outcome.DELIVERED.value, at=at)]
        case e.DeliveryFailed():
            return [DeliveryFinished(shipment_id=shipment_id, outcome=Outcome.FAILED.value, at=at)]
        case e.DeliveryUnscheduled() | e.ShipmentCancelled() | e.ShipmentRecalled():
            return [DeliveryRemoved(shipment_id=shipment_id, reason=event.reason, at=at)]
    return []
