"""The commands on a shipment, by its status: what they lead to, and the rules they break."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest

from contracts.shipping import ShipmentStatus as Status
from shipping.shipments.decisions import delivering
from shipping.shipments.decisions.packing import give_tracking_number, pack
from shipping.shipments.decisions.rules import Rule, RuleBroken
from shipping.shipments.diagram import NEXT_STATUSES
from shipping.shipments.events import ShipmentEvent
from shipping.shipments.state import Shipment
from tests.support.shipments import a_shipment, after
from tests.support.shop.rows import NOON

Command = Callable[[Shipment], Sequence[ShipmentEvent]]

COMMANDS: dict[str, Command] = {
    "pack": lambda it: pack(it, [None], NOON),
    "dispatch": lambda it: delivering.dispatch(it, "dhl", NOON),
    "deliver": lambda it: delivering.deliver(it, NOON),
    "fail": lambda it: delivering.fail(it, "recipient-absent", NOON),
    "retry": lambda it: delivering.retry(it, NOON),
    "return": lambda it: delivering.return_to_sender(it, None, NOON),
    "recall": lambda it: delivering.recall(it, "order-cancelled", NOON),
    "cancel": lambda it: delivering.cancel(it, "out-of-stock", NOON),
}
ALLOWED: dict[tuple[str, Status], Status] = {
    ("pack", Status.PLANNED): Status.PACKED,
    ("dispatch", Status.PACKED): Status.DISPATCHED,
    ("dispatch", Status.FAILED): Status.DISPATCHED,
    ("deliver", Status.DISPATCHED): Status.DELIVERED,
    ("fail", Status.DISPATCHED): Status.FAILED,
    ("retry", Status.FAILED): Status.DISPATCHED,
    ("return", Status.FAILED): Status.RETURNED,
    ("return", Status.RECALLED): Status.RETURNED,
    ("recall", Status.DISPATCHED): Status.RECALLED,
    ("recall", Status.FAILED): Status.RECALLED,
    ("cancel", Status.PLANNED): Status.CANCELLED,
    ("cancel", Status.PACKED): Status.CANCELLED,
}
RULES = {
    "pack": Rule.ONLY_PLANNED_IS_PACKED,
    "dispatch": Rule.ONLY_PACKED_OR_FAILED_IS_DISPATCHED,
    "deliver": Rule.ONLY_DISPATCHED_IS_DELIVERED,
    "fail": Rule.ONLY_DISPATCHED_FAILS,
    "retry": Rule.ONLY_FAILED_IS_RETRIED,
    "return": Rule.ONLY_FAILED_OR_RECALLED_IS_RETURNED,
    "recall": Rule.ONLY_DISPATCHED_OR_FAILED_IS_RECALLED,
    "cancel": Rule.ONLY_PLANNED_OR_PACKED_IS_CANCELLED,
}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_possible_or_refused_by_the_status(name: str, status: Status) -> None:
    shipment = a_shipment(status)

    if following := ALLOWED.get((name, status)):
        assert after(shipment, COMMANDS[name](shipment)).status is following
        return
    with pytest.raises(RuleBroken) as broken:
        COMMANDS[name](shipment)
    is_unpacked = (name, status) == ("dispatch", Status.PLANNED)
    assert broken.value.rules == [Rule.PARCELS_BEFORE_DISPATCH if is_unpacked else RULES[name]]


def test_the_diagram_has_the_moves_of_the_commands() -> None:
    moves = {(status, following) for (_, status), following in ALLOWED.items()}

    assert moves == {(status, each) for status, following in NEXT_STATUSES.items() for each in following}


def test_parcels_are_numbered() -> None:
    planned = a_shipment()

    packed = after(planned, pack(planned, [Decimal("2.5"), None], NOON))

    assert [(each.parcel_id, each.weight) for each in packed.parcels] == [("1", Decimal("2.5")), ("2", None)]
    assert packed.packed_at == NOON


def test_packing_names_all_rules_that_it_breaks() -> None:
    with pytest.raises(RuleBroken) as broken:
        pack(a_shipment(Status.DELIVERED), [Decimal(0), None, Decimal(-1), Decimal("NaN")], NOON)

    assert [(each.rule, each.pointer) for each in broken.value.violations] == [
        (Rule.ONLY_PLANNED_IS_PACKED, "#"),
        (Rule.WEIGHT_IS_POSITIVE, "#/parcels/0/weight"),
        (Rule.WEIGHT_IS_POSITIVE, "#/parcels/2/weight"),
        (Rule.WEIGHT_IS_POSITIVE, "#/parcels/3/weight"),
    ]


def test_a_shipment_has_parcels() -> None:
    with pytest.raises(RuleBroken) as broken:
        pack(a_shipment(), [], NOON)

    assert broken.value.rules == [Rule.HAS_PARCELS]


@pytest.mark.parametrize("reason", ["", "Mrs Jones was out", "UPPER", "x" * 41, "line\n"])
@pytest.mark.parametrize("command", [delivering.fail, delivering.cancel, delivering.recall])
def test_a_reason_is_a_code(command: Callable[..., object], reason: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        command(a_shipment(Status.DELIVERED), reason, NOON)

    assert len(broken.value.rules) == 2
    assert broken.value.rules[1] == Rule.REASON_IS_A_CODE


@pytest.mark.parametrize("status", Status)
def test_a_number_is_given_and_changed_while_it_is_of_use(status: Status) -> None:
    shipment = a_shipment(status, parcels=2)
    if status not in (Status.PACKED, Status.DISPATCHED, Status.FAILED, Status.RECALLED):
        with pytest.raises(RuleBroken):
            give_tracking_number(shipment, "2", "ups", NOON)
        return

    given = after(shipment, give_tracking_number(shipment, "2", "ups", NOON))
    changed = after(given, give_tracking_number(given, "2", "dhl", NOON))

    assert [(each.carrier, each.has_tracking_number) for each in given.parcels] == [(None, False), ("ups", True)]
    assert [each.carrier for each in changed.parcels] == [None, "dhl"]
    assert changed.status is status


def test_a_number_is_for_a_parcel_of_the_shipment_and_not_after_erasure() -> None:
    packed = a_shipment(Status.DELIVERED)
    erased = after(packed, delivering.erase(packed, NOON))

    with pytest.raises(RuleBroken) as broken:
        give_tracking_number(erased, "2", "ups", NOON)

    assert broken.value.rules == [
        Rule.PARCEL_IS_IN_THE_SHIPMENT,
        Rule.ONLY_ACTIVE_HAS_NEW_NUMBERS,
        Rule.NO_NUMBERS_AFTER_ERASURE,
    ]


def test_the_carrier_of_a_parcel_is_that_of_the_shipment() -> None:
    packed = a_shipment(Status.PACKED)
    numbered = after(packed, give_tracking_number(packed, "1", "ups", NOON))

    assert after(numbered, delivering.dispatch(numbered, None, NOON)).carrier == "ups"
    assert after(numbered, delivering.dispatch(numbered, "dhl", NOON)).carrier == "dhl"


def test_attempts_are_counted() -> None:
    failed = a_shipment(Status.FAILED)

    again = after(failed, delivering.retry(failed, NOON))
    twice = after(again, delivering.fail(again, "refused", NOON))

    assert [each.attempts for each in (a_shipment(Status.PACKED), failed, again, twice)] == [0, 1, 1, 2]
    assert (failed.reason, twice.reason) == ("recipient-absent", "refused")


@pytest.mark.parametrize("status", Status)
def test_shipments_follow_their_cancelled_order(status: Status) -> None:
    shipment = a_shipment(status)

    followed = after(shipment, delivering.follow_cancelled_order(shipment, NOON))

    expected = {
        Status.PLANNED: Status.CANCELLED,
        Status.PACKED: Status.CANCELLED,
        Status.DISPATCHED: Status.RECALLED,
        Status.FAILED: Status.RECALLED,
    }
    assert followed.status is expected.get(status, status)
    assert delivering.follow_cancelled_order(followed, NOON) == []


@pytest.mark.parametrize("status", Status)
def test_a_person_is_erased_once_in_any_status(status: Status) -> None:
    shipment = a_shipment(status)

    erased = after(shipment, delivering.erase(shipment, NOON))

    assert (erased.status, erased.erased_at) == (status, NOON)
    assert delivering.erase(erased, NOON) == []
