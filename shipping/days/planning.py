"""Decides about the deliveries of a day. Pure; each decision names all rules that it breaks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import asdict

from contracts.shipping import ShipmentStatus
from shipping.days.events import DayChanged, DayEvent, DayOpened
from shipping.days.rules import DayRule
from shipping.days.state import Day
from shipping.days.values import Settings, Window, most_at_once
from shipping.shipments.decisions.rules import Violation, check
from shipping.shipments.events import DeliveryScheduled, DeliveryUnscheduled
from shipping.shipments.state import Shipment

UNSCHEDULED = "unscheduled"
"""The reason of a delivery that somebody removed from its day."""

_CAN_BE_SCHEDULED = (ShipmentStatus.PLANNED, ShipmentStatus.PACKED, ShipmentStatus.FAILED)


class Wish(NamedTuple):
    """A delivery as a client wants it."""

    van: str
    window: Window


def adopt(day: Day, settings: Settings, at: datetime) -> list[DayEvent]:
    """Open the day with what its depot says, or note that the depot says something else now."""
    if day.settings is None:
        return [DayOpened(depot=day.depot, date=day.date, at=at, **asdict(settings))]
    return [] if day.settings == settings else [DayChanged(at=at, **asdict(settings))]


def schedule(day: Day, shipment: Shipment, wish: Wish, at: datetime) -> list[DeliveryScheduled]:
    """Plan the delivery of a shipment on a day that is open. Raises RuleBroken."""
    assert day.settings is not None, "the day is opened before"
    check([*_window(day, day.settings, wish, at), *_van(day, day.settings, wish), *_shipment(day, shipment)])
    return [
        DeliveryScheduled(
            depot=day.depot,
            date=day.date,
            van=wish.van,
            window_from=wish.window.start,
            window_to=wish.window.end,
            zone=day.settings.zone,
            at=at,
        )
    ]


def unschedule(day: Day, shipment_id: UUID, at: datetime) -> list[DeliveryUnscheduled]:
    """Remove a delivery that has not begun from its day. Raises RuleBroken."""
    delivery = day.delivery_of(shipment_id)
    violations = has_not_finished(day, shipment_id)
    if delivery is not None and delivery.started_at is not None and not violations:
        detail = "The delivery has started: it ends as delivered or failed, or the shipment is recalled."
        violations = [Violation(DayRule.ONLY_UNSTARTED_IS_REMOVED, detail)]
    check(violations)
    return [DeliveryUnscheduled(reason=UNSCHEDULED, at=at)]


def can_start(day: Day, shipment_id: UUID) -> list[Violation]:
    """What prevents the start of a delivery, besides the shipment."""
    delivery = day.delivery_of(shipment_id)
    if delivery is None or delivery.started_at is None or delivery.outcome is not None:
        return has_not_finished(day, shipment_id)
    return [Violation(DayRule.STARTED_ONCE, "The delivery has started already.")]


def can_finish(day: Day, shipment_id: UUID) -> list[Violation]:
    """What prevents the end of a delivery, besides the shipment."""
    delivery = day.delivery_of(shipment_id)
    if delivery is not None and delivery.started_at is None:
        return [Violation(DayRule.STARTED_BEFORE_FINISHED, "The delivery has not started; start it first.")]
    return has_not_finished(day, shipment_id)


def has_not_finished(day: Day, shipment_id: UUID) -> list[Violation]:
    """The violation of a delivery that has ended."""
    delivery = day.delivery_of(shipment_id)
    if delivery is None or delivery.outcome is None:
        return []
    return [Violation(DayRule.FINISHED_ONCE, f"The delivery has ended: {delivery.outcome}.")]


def _window(day: Day, settings: Settings, wish: Wish, at: datetime) -> list[Violation]:
    (start, end), violations = wish.window, []
    if start >= end:
        violations.append(Violation(DayRule.WINDOW_BEGINS_BEFORE_IT_ENDS, "The window is empty.", "#/to"))
    hours = settings.hours(day.date)
    for name, moment in (("from", start), ("to", end)):
        if not hours.start <= moment <= hours.end:
            detail = f"{day.depot} delivers from {settings.opens} to {settings.closes} in {settings.zone}."
            violations.append(Violation(DayRule.WITHIN_BUSINESS_DAY, detail, f"#/{name}"))
    if start < at:
        violations.append(Violation(DayRule.NOT_IN_THE_PAST, "The window has begun already.", "#/from"))
    if start < end and most_at_once((each.window for each in day.ahead), wish.window) >= settings.parallel_deliveries:
        detail = f"{settings.parallel_deliveries} deliveries at once are the most, and there are as many in the window."
        violations.append(Violation(DayRule.PARALLEL_DELIVERIES, detail, "#/from"))
    return violations


def _van(day: Day, settings: Settings, wish: Wish) -> list[Violation]:
    violations = []
    if wish.van not in settings.vans:
        detail = f"{day.depot} has no van {wish.van}."
        violations.append(Violation(DayRule.VAN_OF_THE_DEPOT, detail, "#/van"))
    if any(each.van == wish.van and each.window.overlaps(wish.window) for each in day.ahead):
        detail = f"{wish.van} has another delivery in the window."
        violations.append(Violation(DayRule.ONE_VAN_AT_A_TIME, detail, "#/van"))
    return violations


def _shipment(day: Day, shipment: Shipment) -> Sequence[Violation]:
    violations = []
    if shipment.location != day.depot:
        detail = f"The shipment leaves {shipment.location}, not {day.depot}."
        violations.append(Violation(DayRule.SHIPMENT_IS_OF_THE_DEPOT, detail, "#/shipmentId"))
    if shipment.status not in _CAN_BE_SCHEDULED:
        detail = f"The shipment is {shipment.status.value} and cannot be scheduled."
        violations.append(Violation(DayRule.SHIPMENT_IS_PLANNED_PACKED_OR_FAILED, detail, "#/shipmentId"))
    if shipment.is_scheduled:
        assert shipment.window is not None
        detail = f"The shipment is on {shipment.window.date} of {shipment.window.depot}; remove it there first."
        violations.append(Violation(DayRule.PLANNED_ONCE, detail, "#/shipmentId"))
    return violations
