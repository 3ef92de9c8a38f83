"""The rules of delivery days: what may be planned, and what happens to a delivery."""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce
from uuid import uuid4

import pytest
from msgspec.structs import replace

from contracts.shipping import ShipmentStatus
from shipping.days.commands import on_day
from shipping.days.events import DayChanged, DayOpened, DeliveryRemoved
from shipping.days.folding import apply, fold
from shipping.days.following import follow
from shipping.days.planning import Wish, adopt, can_finish, can_start, schedule, unschedule
from shipping.days.rules import DayRule
from shipping.days.state import Day
from shipping.days.values import DayKey
from shipping.shipments.decisions import delivering
from shipping.shipments.decisions.rules import Rule, RuleBroken
from shipping.shipments.events import ShipmentEvent
from shipping.shipments.folding import apply as apply_to_shipment
from shipping.shipments.state import Shipment
from tests.support.delivery_days import BEFORE, DATE, ONE_VAN, OPEN, PARALLEL, a_day, hours, in_depot, violated

S = ShipmentStatus


def test_three_that_last_all_day_leave_no_room_for_a_fourth_in_between() -> None:
    day = a_day(("a", 8, 18), ("b", 8, 18), ("c", 8, 18))

    assert violated(day, "d", hours(10, 11)) == [PARALLEL]


def test_short_ones_one_after_the_other_leave_room_for_a_long_one() -> None:
    day = a_day(("a", 9, 10), ("a", 10.5, 11.5), ("b", 12, 13))

    assert violated(day, "d", hours(9, 13)) == []


def test_those_that_end_at_nine_leave_room_from_nine_on() -> None:
    day = a_day(("a", 8, 9), ("b", 8, 9), ("c", 8, 9))

    assert violated(day, "a", hours(9, 10)) == []
    assert violated(day, "d", hours(8.75, 10)) == [PARALLEL]


def test_a_van_that_is_away_all_day_is_away_in_between() -> None:
    day = a_day(("a", 8, 18))

    assert violated(day, "a", hours(10, 11)) == [ONE_VAN]
    assert violated(day, "b", hours(10, 11)) == []


def test_an_ended_delivery_leaves_its_van_and_its_room() -> None:
    day, shipment = a_day(("b", 9, 12), ("c", 9, 12)), in_depot(S.PACKED)
    day, shipment = planned(day, shipment, "a", 9, 12)
    assert violated(day, "a", hours(9, 12)) == [PARALLEL, ONE_VAN]
    day, shipment = happened(day, shipment, delivering.dispatch(shipment, None, BEFORE))
    assert violated(day, "a", hours(9, 12)) == [PARALLEL, ONE_VAN]

    day, _ = happened(day, shipment, delivering.deliver(shipment, BEFORE))

    assert violated(day, "a", hours(9, 12)) == []


@pytest.mark.parametrize(
    ("begin", "end", "pointers"),
    [
        (8, 18, []),
        (7.9, 9, ["#/from"]),
        (17, 18.1, ["#/to"]),
        (-16, -15, ["#/from", "#/to"]),
        (7, 19, ["#/from", "#/to"]),
        (12, 34, ["#/to"]),
    ],
)
def test_both_ends_are_within_the_business_day(begin: float, end: float, pointers: list[str]) -> None:
    wish, at = Wish("a", hours(begin, end)), BEFORE - timedelta(days=3)
    if not pointers:
        assert schedule(a_day(), in_depot(), wish, at)
        return

    with pytest.raises(RuleBroken) as broken:
        schedule(a_day(), in_depot(), wish, at)

    assert broken.value.rules == [DayRule.WITHIN_BUSINESS_DAY]
    assert [each.pointer for each in broken.value.violations] == pointers


def test_a_window_begins_before_it_ends() -> None:
    assert violated(a_day(), "a", hours(10, 10)) == [DayRule.WINDOW_BEGINS_BEFORE_IT_ENDS]
    assert violated(a_day(), "a", hours(11, 10)) == [DayRule.WINDOW_BEGINS_BEFORE_IT_ENDS]


def test_a_window_that_has_begun_is_in_the_past() -> None:
    window = hours(10, 12)

    assert violated(a_day(), "a", window, at=window.start) == []
    assert violated(a_day(), "a", window, at=window.start + timedelta(seconds=1)) == [DayRule.NOT_IN_THE_PAST]


@pytest.mark.parametrize("status", S)
def test_what_is_on_its_way_or_has_ended_is_not_planned(status: ShipmentStatus) -> None:
    is_possible = status in (S.PLANNED, S.PACKED, S.FAILED)

    found = violated(a_day(), "a", hours(10, 12), in_depot(status))

    assert found == ([] if is_possible else [DayRule.SHIPMENT_IS_PLANNED_PACKED_OR_FAILED])


def test_a_delivery_is_refused_for_all_reasons_at_once() -> None:
    day = a_day(("b", 7, 19), ("z", 7, 19), ("c", 8, 18))
    shipment = in_depot(S.DELIVERED, "lima")

    assert violated(day, "z", hours(7, 8.5), shipment, BEFORE + timedelta(days=2)) == [
        DayRule.WITHIN_BUSINESS_DAY,
        DayRule.NOT_IN_THE_PAST,
        DayRule.PARALLEL_DELIVERIES,
        DayRule.VAN_OF_THE_DEPOT,
        DayRule.ONE_VAN_AT_A_TIME,
        DayRule.SHIPMENT_IS_OF_THE_DEPOT,
        DayRule.SHIPMENT_IS_PLANNED_PACKED_OR_FAILED,
    ]


def test_a_shipment_is_planned_once_until_its_delivery_has_failed() -> None:
    day, shipment = planned(a_day(), in_depot(S.PACKED), "a", 9, 10)
    assert violated(day, "b", hours(12, 13), shipment) == [DayRule.PLANNED_ONCE]

    day, shipment = happened(day, shipment, delivering.dispatch(shipment, None, BEFORE))
    day, shipment = happened(day, shipment, delivering.fail(shipment, "recipient-absent", BEFORE))
    assert violated(day, "b", hours(12, 13), shipment) == []

    day, shipment = planned(day, shipment, "b", 12, 13)
    assert violated(day, "b", hours(14, 15), shipment) == [DayRule.PLANNED_ONCE]
    day, shipment = happened(day, shipment, delivering.dispatch(shipment, None, BEFORE))
    day, shipment = happened(day, shipment, delivering.deliver(shipment, BEFORE))
    assert [(each.van, each.outcome) for each in day.deliveries] == [("a", "failed"), ("b", "delivered")]


def test_a_delivery_starts_once_and_ends_once_after_its_start() -> None:
    day, shipment = planned(a_day(), in_depot(S.PACKED), "a", 9, 10)

    assert refused(day, shipment, "finish") == [
        DayRule.STARTED_BEFORE_FINISHED,
        Rule.ONLY_DISPATCHED_IS_DELIVERED,
    ]
    day, shipment = happened(day, shipment, delivering.dispatch(shipment, None, BEFORE))
    assert refused(day, shipment, "start") == [DayRule.STARTED_ONCE, Rule.ONLY_PACKED_OR_FAILED_IS_DISPATCHED]
    assert refused(day, shipment, "remove") == [DayRule.ONLY_UNSTARTED_IS_REMOVED]
    day, shipment = happened(day, shipment, delivering.deliver(shipment, BEFORE))
    assert refused(day, shipment, "finish") == [DayRule.FINISHED_ONCE, Rule.ONLY_DISPATCHED_IS_DELIVERED]
    assert refused(day, shipment, "start") == [DayRule.FINISHED_ONCE, Rule.ONLY_PACKED_OR_FAILED_IS_DISPATCHED]
    assert refused(day, shipment, "remove") == [DayRule.FINISHED_ONCE]


@pytest.mark.parametrize("is_sent", [False, True])
def test_a_shipment_that_is_cancelled_or_recalled_leaves_its_day(is_sent: bool) -> None:
    day, shipment = planned(a_day(), in_depot(S.PACKED), "a", 9, 10)
    if is_sent:
        day, shipment = happened(day, shipment, delivering.dispatch(shipment, None, BEFORE))

    events, of_day = follow(day, shipment.shipment_id, delivering.follow_cancelled_order(shipment, BEFORE))

    name = "ShipmentRecalled" if is_sent else "ShipmentCancelled"
    assert [type(each).__name__ for each in events] == [name, "DeliveryUnscheduled"]
    removed = DeliveryRemoved(shipment_id=shipment.shipment_id, reason="order-cancelled", at=BEFORE)
    assert of_day == [removed]
    assert reduce(apply, of_day, day).deliveries == ()
    after = reduce(apply_to_shipment, events, shipment)
    assert (after.window, after.is_scheduled) == (None, False)


def test_a_recall_after_a_failure_keeps_what_the_day_knows() -> None:
    day, shipment = planned(a_day(), in_depot(S.PACKED), "a", 9, 10)
    day, shipment = happened(day, shipment, delivering.dispatch(shipment, None, BEFORE))
    day, shipment = happened(day, shipment, delivering.fail(shipment, "refused", BEFORE))

    again, _ = happened(day, shipment, delivering.recall(shipment, "damaged", BEFORE))

    assert again == day
    assert again.deliveries[0].outcome == "failed"


def test_a_day_takes_on_what_its_depot_says_and_keeps_what_was_planned() -> None:
    day, _ = planned(a_day(), in_depot(), "a", 9, 10)
    changed = replace(OPEN, vans=("x",), parallel_deliveries=1)

    [event] = adopt(day, changed, BEFORE)

    assert isinstance(event, DayChanged)
    after = apply(day, event)
    assert (after.settings, after.deliveries) == (changed, day.deliveries)
    assert adopt(after, changed, BEFORE) == []
    assert violated(after, "x", hours(9, 10)) == [PARALLEL]
    [opened] = adopt(Day(depot="main", date=DATE), OPEN, BEFORE)
    assert isinstance(opened, DayOpened)


def test_no_events_are_a_day_of_version_0() -> None:
    assert fold(DayKey("main", date(2026, 1, 1)), []) == Day(depot="main", date=date(2026, 1, 1))


def test_what_happens_to_other_shipments_does_not_concern_the_day() -> None:
    day, shipment = a_day(("a", 9, 10)), in_depot(S.PACKED)
    events = delivering.dispatch(shipment, None, BEFORE)

    assert follow(day, uuid4(), events) == (events, [])


def planned(day: Day, shipment: Shipment, van: str, begin: float, end: float) -> tuple[Day, Shipment]:
    return happened(day, shipment, schedule(day, shipment, Wish(van, hours(begin, end)), BEFORE))


def happened(day: Day, shipment: Shipment, events: object) -> tuple[Day, Shipment]:
    assert isinstance(events, list)
    own, of_day = follow(day, shipment.shipment_id, events)
    return reduce(apply, of_day, day), reduce(apply_to_shipment, own, shipment)


def refused(day: Day, shipment: Shipment, name: str) -> list[str]:
    def remove(state: Shipment, at: object) -> list[ShipmentEvent]:
        return [*unschedule(day, state.shipment_id, BEFORE)]

    prevents, decide = {
        "start": (can_start, lambda it, at: delivering.dispatch(it, None, at)),
        "finish": (can_finish, delivering.deliver),
        "remove": (lambda *_: [], remove),
    }[name]
    with pytest.raises(RuleBroken) as broken:
        on_day(day, lambda it: prevents(it, shipment.shipment_id), decide)(shipment, BEFORE)
    return [*broken.value.rules]
