"""What carriers report is kept once, in the order of time, and moves a shipment forward only."""

from __future__ import annotations

from itertools import permutations

import pytest

from contracts.shipping import ShipmentStatus as Status
from contracts.shipping import TrackingEvent
from shipping.shipments.decisions.rules import Rule, RuleBroken
from shipping.shipments.decisions.tracking import PARCELS_DIFFER, record_tracking
from shipping.shipments.events import DeliveryFailed, ShipmentDelivered, ShipmentDispatched, TrackingRecorded
from shipping.shipments.state import Shipment
from shipping.shipments.values import TrackingCode
from tests.support.shipments import a_shipment, after, reported
from tests.support.shop.rows import NOON


def track(shipment: Shipment, *reports: TrackingEvent) -> Shipment:
    for each in reports:
        shipment = after(shipment, record_tracking(shipment, each))
    return shipment


SENT = reported("a", "in_transit", 1)
OUT = reported("b", "out_for_delivery", 2)
DELIVERED = reported("c", "delivered", 3)


def test_a_late_report_does_not_put_a_delivered_shipment_back() -> None:
    delivered = track(a_shipment(Status.PACKED), DELIVERED)

    late = track(delivered, SENT)

    assert (late.status, late.delivered_at) == (Status.DELIVERED, DELIVERED.at)
    assert late.tracking == (SENT, DELIVERED)


@pytest.mark.parametrize("arrival", list(permutations([SENT, OUT, DELIVERED, OUT])))
def test_a_shipment_is_delivered_however_its_reports_arrive(arrival: tuple[TrackingEvent, ...]) -> None:
    shipment = track(a_shipment(Status.PACKED), *arrival)

    assert shipment.status is Status.DELIVERED
    assert shipment.tracking == (SENT, OUT, DELIVERED)


def test_a_report_is_kept_once() -> None:
    once = track(a_shipment(Status.DISPATCHED), OUT)

    assert record_tracking(once, OUT) == []
    assert record_tracking(once, reported("b", "delivered", 9)) == []


def test_an_unknown_code_is_kept_and_moves_nothing() -> None:
    packed = a_shipment(Status.PACKED)

    [event] = record_tracking(packed, reported("x", "held_at_customs", 4, city="Lima"))

    assert isinstance(event, TrackingRecorded)
    assert (event.tracking_event.code, event.tracking_event.city) == (TrackingCode.OTHER, "Lima")
    assert after(packed, [event]).status is Status.PACKED


@pytest.mark.parametrize("code", ["picked_up", "in_transit", "out_for_delivery"])
def test_a_packed_shipment_that_the_carrier_has_is_dispatched(code: str) -> None:
    packed = a_shipment(Status.PACKED, parcels=2)

    _, event = record_tracking(packed, reported("a", code, 5))

    assert isinstance(event, ShipmentDispatched)
    assert (event.parcel_ids, event.at) == (("1", "2"), reported("a", code, 5).at)


def test_an_announced_parcel_has_not_left() -> None:
    assert track(a_shipment(Status.PACKED), reported("a", "announced")).status is Status.PACKED


def test_delivery_of_a_packed_shipment_takes_every_step() -> None:
    events = record_tracking(a_shipment(Status.PACKED), DELIVERED)

    assert [type(each) for each in events] == [TrackingRecorded, ShipmentDispatched, ShipmentDelivered]


@pytest.mark.parametrize("code", ["delivered", "returned"])
def test_a_shipment_of_two_parcels_ends_with_the_second(code: str) -> None:
    ends = {"delivered": Status.DELIVERED, "returned": Status.RETURNED}
    shipment = a_shipment(Status.DISPATCHED, parcels=2)

    first = track(shipment, reported("a", code, 1, parcel_id="1"))
    again = track(first, reported("b", code, 2, parcel_id="1"))
    both = track(again, reported("c", code, 3, parcel_id="2"))

    assert [each.status for each in (first, again, both)] == [Status.DISPATCHED, Status.DISPATCHED, ends[code]]
    assert [each.parcel_id for each in both.tracking] == ["1", "1", "2"]


def test_a_failed_attempt_is_followed_by_the_next() -> None:
    failed = track(a_shipment(Status.DISPATCHED), reported("f", "attempt_failed", 10))
    again = track(failed, reported("g", "out_for_delivery", 20))
    twice = track(again, reported("h", "attempt_failed", 30))
    delivered = track(twice, reported("i", "delivered", 40))

    statuses = [each.status for each in (failed, again, twice, delivered)]
    assert statuses == [Status.FAILED, Status.DISPATCHED, Status.FAILED, Status.DELIVERED]
    assert [each.attempts for each in (failed, again, twice, delivered)] == [1, 1, 2, 2]


def test_reports_from_before_a_failure_do_not_begin_an_attempt() -> None:
    failed = track(a_shipment(Status.DISPATCHED), reported("f", "attempt_failed", 10))

    assert track(failed, OUT).status is Status.FAILED
    again = track(failed, reported("g", "out_for_delivery", 20))
    assert track(again, reported("e", "attempt_failed", 9)).status is Status.DISPATCHED


@pytest.mark.parametrize("status", [Status.DISPATCHED, Status.FAILED, Status.RECALLED])
def test_a_returned_shipment_was_not_delivered(status: Status) -> None:
    shipment = a_shipment(status)

    events = record_tracking(shipment, reported("r", "returned", 60))

    assert after(shipment, events).status is Status.RETURNED
    assert any(isinstance(each, DeliveryFailed) for each in events) is (status is Status.DISPATCHED)


@pytest.mark.parametrize("code", TrackingCode)
@pytest.mark.parametrize("status", [Status.PLANNED, Status.DELIVERED, Status.RETURNED, Status.CANCELLED])
def test_a_report_moves_no_shipment_that_has_ended_or_is_not_packed(status: Status, code: TrackingCode) -> None:
    shipment = track(a_shipment(status), reported("z", code, 99))

    assert shipment.status is status
    assert [each.event_id for each in shipment.tracking] == ["z"]


def test_a_recalled_shipment_that_was_delivered_all_the_same_stays_recalled() -> None:
    recalled = track(a_shipment(Status.RECALLED), DELIVERED)

    assert (recalled.status, recalled.tracking) == (Status.RECALLED, (DELIVERED,))


def test_a_report_is_about_a_parcel_of_the_shipment() -> None:
    with pytest.raises(RuleBroken) as broken:
        record_tracking(a_shipment(Status.DISPATCHED), reported("a", "in_transit", parcel_id="7"))

    assert broken.value.rules == [Rule.PARCEL_IS_IN_THE_SHIPMENT]


@pytest.mark.parametrize("status", [Status.PACKED, Status.DISPATCHED, Status.FAILED])
def test_a_carriers_clock_that_is_behind_moves_nothing_to_before_the_last_change(status: Status) -> None:
    shipment = track(a_shipment(status), reported("a", "delivered", -(10**6)))

    assert (shipment.status, shipment.delivered_at) == (Status.DELIVERED, NOON)


FIRST_IS_DELIVERED = reported("d", "delivered", 3, parcel_id="1")
SECOND_IS_RETURNED = reported("r", "returned", 5, parcel_id="2")
SECOND_FAILED = reported("f", "attempt_failed", 2, parcel_id="2")
SECOND_LEFT = reported("m", "in_transit", 1, parcel_id="2")


@pytest.mark.parametrize(
    "arrival", list(permutations([FIRST_IS_DELIVERED, SECOND_IS_RETURNED, SECOND_FAILED, SECOND_LEFT]))
)
def test_parcels_that_end_differently_need_a_hand(arrival: tuple[TrackingEvent, ...]) -> None:
    shipment = track(a_shipment(Status.PACKED, parcels=2), *arrival)

    assert (shipment.status, shipment.reason) == (Status.FAILED, PARCELS_DIFFER)
    again = track(shipment, reported("d2", "delivered", 6, parcel_id="1"))
    assert (again.status, again.attempts) == (Status.FAILED, shipment.attempts)


def test_a_parcel_that_is_delivered_after_all_ends_the_shipment() -> None:
    differing = track(a_shipment(Status.PACKED, parcels=2), FIRST_IS_DELIVERED, SECOND_IS_RETURNED)

    delivered = track(differing, reported("d2", "delivered", 9, parcel_id="2"))

    assert delivered.status is Status.DELIVERED


def test_a_shipment_waits_for_its_last_parcel() -> None:
    waiting = track(a_shipment(Status.PACKED, parcels=3), FIRST_IS_DELIVERED, SECOND_IS_RETURNED)

    assert waiting.status is Status.DISPATCHED
