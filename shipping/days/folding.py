"""Folds the events of a delivery day to its state. No rule is checked here: what has happened has happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from uuid import UUID

from msgspec.structs import replace

from shipping.days import events as e
from shipping.days.state import Day, Delivery
from shipping.days.values import DayKey, Settings


def apply(state: Day, event: e.DayEvent) -> Day:
    """The state after an event. Raises TypeError for a type that is not known here."""
    at, changed = event.at, replace(state, version=state.version + 1)
    match event:
        case e.DayOpened() | e.DayChanged():
            return replace(changed, settings=settings_of(event))
        case e.DeliveryPlanned(shipment_id=shipment_id, van=van):
            begin, end = event.window_from, event.window_to
            delivery = Delivery(shipment_id=shipment_id, van=van, window_from=begin, window_to=end)
            return replace(changed, deliveries=(*state.deliveries, delivery))
        case e.DeliveryRemoved(shipment_id=shipment_id):
            return replace(changed, deliveries=_with(state, shipment_id, lambda _: None))
        case e.DeliveryStarted(shipment_id=shipment_id):
            return replace(changed, deliveries=_with(state, shipment_id, lambda it: replace(it, started_at=at)))
        case e.DeliveryFinished(shipment_id=shipment_id, outcome=outcome):
            deliveries = _with(state, shipment_id, lambda it: replace(it, finished_at=at, outcome=outcome))
            return replace(changed, deliveries=deliveries)
        case _:
            raise TypeError(type(event).__name__)


def fold(key: DayKey, events: Iterable[e.DayEvent]) -> Day:
    """The state after all events; without any, a day of version 0."""
    return reduce(apply, events, Day(depot=key.depot, date=key.date))


def settings_of(event: e.DayOpened | e.DayChanged) -> Settings:
    """What the depot said."""
    return Settings(**{name: getattr(event, name) for name in Settings.__struct_fields__})


def _with(state: Day, shipment_id: UUID, change: Callable[[Delivery], Delivery | None]) -> tuple[Delivery, ...]:
    """The deliveries with that one changed, or removed, which a shipment has and which has not ended."""
    changed = (
        change(each) if each.shipment_id == shipment_id and each.outcome is None else each for each in state.deliveries
    )
    return tuple(each for each in changed if each is not None)
