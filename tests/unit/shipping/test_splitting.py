"""Shipments are planned and split: no unit is in two of them, and none gets lost."""

from __future__ import annotations

from uuid import uuid4

import pytest

from contracts.shipping import ShipmentStatus
from shipping.shipments.decisions.planning import correct_address, plan, split, units_of
from shipping.shipments.decisions.rules import Rule, RuleBroken
from shipping.shipments.events import ShipmentPlanned
from shipping.shipments.folding import begin
from shipping.shipments.state import Shipment
from shipping.shipments.values import Place, Units
from tests.support.shipments import a_shipment, after, an_order, planned, units
from tests.support.shop.rows import NOON


def planning(of: Shipment, *quantities: int) -> ShipmentPlanned:
    """The event that plans units of the lines of another shipment."""
    wanted = units(of, *quantities)
    lines = tuple(
        type(line)(order_line_id=each.order_line_id, line_number=line.line_number, sku=line.sku, quantity=each.quantity)
        for line, each in zip(of.lines, wanted, strict=False)
    )
    return ShipmentPlanned(
        order_id=of.order_id,
        customer_id=of.customer_id,
        delivery_address_id=of.delivery_address_id,
        city=None,
        region=None,
        country=None,
        location="main",
        lines=lines,
        at=NOON,
    )


def test_two_of_three_units_of_a_line_are_sent_apart() -> None:
    whole = a_shipment()

    done = split(whole, units(whole, 2), into := uuid4(), NOON)

    source = after(whole, done.source)
    [event] = done.new
    assert isinstance(event, ShipmentPlanned)
    new = begin(into, event)
    assert [line.quantity for line in source.lines] == [1]
    assert [line.quantity for line in new.lines] == [2]
    assert (new.split_from, new.status) == (whole.shipment_id, ShipmentStatus.PLANNED)
    assert (new.order_id, new.location, new.place) == (whole.order_id, whole.location, whole.place)
    assert units_of([source, new]) == units_of([whole])


def test_a_whole_line_is_sent_apart() -> None:
    whole = a_shipment(ShipmentStatus.PLANNED, 3, 1)

    done = split(whole, units(whole, 3), uuid4(), NOON)

    assert [line.line_number for line in after(whole, done.source).lines] == [2]


def test_a_split_names_all_rules_that_it_breaks() -> None:
    packed = a_shipment(ShipmentStatus.PACKED, 3, 1)
    wanted = [*units(packed, 4), *units(packed, 0), Units(order_line_id=uuid4(), quantity=1)]

    with pytest.raises(RuleBroken) as broken:
        split(packed, wanted, packed.shipment_id, NOON)

    assert {(each.rule, each.pointer) for each in broken.value.violations} == {
        (Rule.ONLY_PLANNED_IS_SPLIT, "#"),
        (Rule.LINE_IS_NAMED_ONCE, "#/lines/1/orderLineId"),
        (Rule.QUANTITY_IS_POSITIVE, "#/lines/1/quantity"),
        (Rule.SPLIT_IS_INTO_ANOTHER, "#"),
        (Rule.UNITS_ARE_IN_THE_SHIPMENT, "#/lines/0/quantity"),
        (Rule.UNITS_ARE_IN_THE_SHIPMENT, "#/lines/2/quantity"),
    }


def test_a_split_of_everything_is_refused() -> None:
    whole = a_shipment(ShipmentStatus.PLANNED, 3, 1)

    with pytest.raises(RuleBroken) as broken:
        split(whole, units(whole, 3, 1), uuid4(), NOON)

    assert broken.value.rules == [Rule.SPLIT_LEAVES_UNITS]


def test_a_split_of_nothing_is_refused() -> None:
    with pytest.raises(RuleBroken) as broken:
        split(a_shipment(), [], uuid4(), NOON)

    assert broken.value.rules == [Rule.HAS_LINES]


@pytest.mark.parametrize(("quantity", "status"), [(3, ShipmentStatus.PLANNED), (1, ShipmentStatus.DELIVERED)])
def test_no_more_units_are_planned_than_were_ordered(quantity: int, status: ShipmentStatus) -> None:
    present = a_shipment(status)
    ordered = {line.order_line_id: 3 for line in present.lines}

    with pytest.raises(RuleBroken) as broken:
        plan(uuid4(), planning(present, quantity), ordered, [present])

    assert broken.value.rules == [Rule.QUANTITY_IS_WHAT_WAS_ORDERED]


def test_units_of_a_cancelled_shipment_can_be_planned_again() -> None:
    cancelled = a_shipment(ShipmentStatus.CANCELLED)
    ordered = {line.order_line_id: 3 for line in cancelled.lines}
    event = planning(cancelled, 3)

    assert plan(uuid4(), event, ordered, [cancelled]) == [event]


def test_a_shipment_is_planned_once() -> None:
    order = an_order(3)
    present = planned(order)

    with pytest.raises(RuleBroken) as broken:
        plan(present.shipment_id, planning(present, 1), order.units, [present])

    assert broken.value.rules == [Rule.PLANNED_ONCE, Rule.QUANTITY_IS_WHAT_WAS_ORDERED]


def test_the_place_follows_a_correction_until_dispatch() -> None:
    cusco = Place(city="Cusco", region="Cusco", country="PE")
    packed = a_shipment(ShipmentStatus.PACKED)

    corrected = after(packed, correct_address(packed, cusco, NOON))

    assert (corrected.place, corrected.status) == (cusco, ShipmentStatus.PACKED)
    assert correct_address(corrected, cusco, NOON) == []
    with pytest.raises(RuleBroken) as broken:
        correct_address(a_shipment(ShipmentStatus.DISPATCHED), cusco, NOON)
    assert broken.value.rules == [Rule.NO_CORRECTION_AFTER_DISPATCH]
