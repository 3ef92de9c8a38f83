"""The units of an order are grouped by address and location, and planned again when they move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest

from contracts.inventory.sourcing import SourcedLine, SourcedPart, SourcingRow, write_lines
from contracts.orders import OrderGraph
from contracts.shipping import ShipmentStatus as Status
from shipping.shipments.decisions.delivering import cancel, dispatch, fail, return_to_sender
from shipping.shipments.decisions.grouping import Group, Order, OrderedLine, group, is_sourced, order_of, shipment_id_of
from shipping.shipments.decisions.packing import pack
from shipping.shipments.decisions.planning import split, units_of
from shipping.shipments.decisions.regrouping import RESOURCED, regroup
from shipping.shipments.events import ShipmentEvent
from shipping.shipments.folding import apply, fold
from shipping.shipments.state import Shipment
from shipping.shipments.values import Place
from tests.support.shipments import LIMA, after, an_order, planned, units
from tests.support.shop.rows import NOON

EXAMPLES = Path(__file__).parents[3] / "contracts" / "examples" / "orders-graph"


def sourced(order: Order, *of_lines: Mapping[str, int]) -> list[SourcedLine]:
    """The lines of an order with the units of each store."""
    return [
        SourcedLine(
            sku=line.sku,
            parts=[
                SourcedPart(state="committed", quantity=units, store_id=store_id, reservation_id=uuid4())
                for store_id, units in stores.items()
            ],
            quantity=line.quantity,
            backordered=0,
            order_line_id=line.order_line_id,
        )
        for line, stores in zip(order.lines, of_lines, strict=True)
    ]


def after_all(shipments: Sequence[Shipment], changes: Mapping[UUID, Sequence[ShipmentEvent]]) -> list[Shipment]:
    """All shipments of an order once the changes are written."""
    known = {each.shipment_id: each for each in shipments}
    for shipment_id, events in changes.items():
        present = known.get(shipment_id)
        changed = reduce(apply, events, present) if present else fold(shipment_id, events)
        assert changed is not None
        known[shipment_id] = changed
    return [*known.values()]


def shape(shipments: Sequence[Shipment]) -> set[tuple[str, str, tuple[tuple[int, int], ...]]]:
    """Location, status and the quantity of each line."""
    return {
        (each.location, each.status.value, tuple((line.line_number, line.quantity) for line in each.lines))
        for each in shipments
    }


def moved(order: Order, shipments: Sequence[Shipment], *of_lines: Mapping[str, int]) -> list[Shipment]:
    """The shipments after the stores give other units."""
    groups = group(order, sourced(order, *of_lines), "main")
    found = after_all(shipments, regroup(order, groups, shipments, NOON))
    assert regroup(order, groups, found, NOON) == {}, "a repeated message does nothing"
    assert units_of(found) == order.units
    return found


def test_an_order_without_sourcing_is_one_shipment_of_the_default_location() -> None:
    order = an_order(3, 1)

    shipment = planned(order, "main")

    assert shape([shipment]) == {("main", "planned", ((1, 3), (2, 1)))}
    assert shipment.shipment_id == shipment_id_of(order.order_id, Group(order.lines[0].address_id, "main"))
    assert (shipment.place, shipment.customer_id, shipment.version) == (LIMA, order.customer_id, 1)


def test_each_address_and_each_store_has_a_shipment() -> None:
    first, second = an_order(3, 1), an_order(2)
    order = Order(first.order_id, uuid4(), [*first.lines, *second.lines], {**first.places, **second.places})

    found = moved(order, [], {"lima": 2, "berlin": 1}, {"lima": 1}, {"lima": 2})

    assert len(found) == 3
    assert shape(found) == {
        ("lima", "planned", ((1, 2), (2, 1))),
        ("berlin", "planned", ((1, 1),)),
        ("lima", "planned", ((1, 2),)),
    }


def test_units_of_untracked_skus_are_at_the_default_location() -> None:
    found = moved(an_order(3, 2), [], {}, {"lima": 2})

    assert shape(found) == {("main", "planned", ((1, 3),)), ("lima", "planned", ((2, 2),))}


def test_units_of_another_store_are_planned_there() -> None:
    order = an_order(3)
    before = moved(order, [], {"lima": 3})

    found = moved(order, before, {"lima": 1, "berlin": 2})

    assert shape(found) == {
        ("lima", "cancelled", ((1, 3),)),
        ("lima", "planned", ((1, 1),)),
        ("berlin", "planned", ((1, 2),)),
    }
    assert {each.reason for each in found} == {RESOURCED, None}


def test_what_has_left_does_not_move() -> None:
    order = an_order(3)
    [lima] = moved(order, [], {"lima": 3})
    done = split(lima, units(lima, 1), other := uuid4(), NOON)
    lima, new = after_all([lima], {lima.shipment_id: done.source, other: done.new})
    new = after(new, pack(new, [None], NOON))
    new = after(new, dispatch(new, None, NOON))

    found = moved(order, [lima, new], {"berlin": 3})

    assert shape(found) == {
        ("lima", "cancelled", ((1, 2),)),
        ("lima", "dispatched", ((1, 1),)),
        ("berlin", "planned", ((1, 2),)),
    }


def test_a_split_stays_when_nothing_moves() -> None:
    order = an_order(3)
    [lima] = moved(order, [], {"lima": 3})
    done = split(lima, units(lima, 1), other := uuid4(), NOON)
    both = after_all([lima], {lima.shipment_id: done.source, other: done.new})

    assert moved(order, both, {"lima": 3}) == both


def test_a_packed_shipment_is_kept_before_a_planned_one() -> None:
    order = an_order(2)
    [lima] = moved(order, [], {"lima": 2})
    done = split(lima, units(lima, 1), other := uuid4(), NOON)
    lima, new = after_all([lima], {lima.shipment_id: done.source, other: done.new})
    new = after(new, pack(new, [None], NOON))

    found = moved(order, [lima, new], {"lima": 1, "berlin": 1})

    assert shape(found) == {
        ("lima", "cancelled", ((1, 1),)),
        ("lima", "packed", ((1, 1),)),
        ("berlin", "planned", ((1, 1),)),
    }


def test_what_somebody_cancelled_is_planned_again_on_request_only() -> None:
    order = an_order(3)
    shipment = planned(order)
    cancelled = [after(shipment, cancel(shipment, "lost-in-store", NOON))]
    groups = group(order, [], "main")

    assert regroup(order, groups, cancelled, NOON) == {}
    found = after_all(cancelled, regroup(order, groups, cancelled, NOON, replaces_cancelled=True))
    assert shape(found) == {("main", "cancelled", ((1, 3),)), ("main", "planned", ((1, 3),))}
    assert found[1].shipment_id == shipment_id_of(order.order_id, Group(order.lines[0].address_id, "main"), 2)
    assert regroup(order, groups, found, NOON) == {}
    assert regroup(order, groups, found, NOON, replaces_cancelled=True) == {}


def test_units_that_replace_cancelled_ones_move_like_others() -> None:
    order = an_order(3)
    [lima] = moved(order, [], {"lima": 3})
    cancelled = [after(lima, cancel(lima, "lost-in-store", NOON))]
    groups = group(order, sourced(order, {"lima": 3}), "main")
    both = after_all(cancelled, regroup(order, groups, cancelled, NOON, replaces_cancelled=True))

    found = moved(order, both, {"berlin": 3})

    assert [(each.location, each.status, each.reason) for each in found] == [
        ("lima", Status.CANCELLED, "lost-in-store"),
        ("lima", Status.CANCELLED, RESOURCED),
        ("berlin", Status.PLANNED, None),
    ]


def test_returned_units_are_not_planned_again() -> None:
    order = an_order(3)
    shipment = planned(order)
    for events in (pack(shipment, [None], NOON),):
        shipment = after(shipment, events)
    shipment = after(shipment, dispatch(shipment, None, NOON))
    shipment = after(shipment, fail(shipment, "refused", NOON))
    shipment = after(shipment, return_to_sender(shipment, None, NOON))

    assert regroup(order, group(order, [], "main"), [shipment], NOON, replaces_cancelled=True) == {}


def test_a_corrected_address_reaches_what_has_not_left() -> None:
    order = an_order(3)
    shipment = planned(order)
    [address_id] = order.places
    cusco = Place(city="Cusco", region="Cusco", country="PE")
    corrected = Order(order.order_id, order.customer_id, order.lines, {address_id: cusco})

    [found] = after_all([shipment], regroup(corrected, group(order, [], "main"), [shipment], NOON))

    assert (found.place, found.status, found.version) == (cusco, Status.PLANNED, 2)


@pytest.mark.parametrize(
    ("changes", "is_ready"),
    [
        ({}, True),
        ({"status": "shipped"}, True),
        ({"status": "reserved"}, False),
        ({"status": "short"}, False),
        ({"status": "released"}, False),
        ({"is_deleted": True}, False),
        ({"lines": "[]"}, False),
    ],
)
def test_an_order_is_sourced_once_stores_committed_its_lines(changes: Mapping[str, object], is_ready: bool) -> None:
    order = an_order(3)
    row = SourcingRow(
        order_id=order.order_id, lines_version=1, placed_at=NOON, status="committed",
        lines=write_lines(sourced(order, {"lima": 3})), decided_at=NOON, updated_at=NOON, version=1,
    )  # fmt: skip

    assert is_sourced(order, msgspec.structs.replace(row, **changes)) is is_ready


def test_an_order_with_other_lines_is_not_sourced() -> None:
    order, other = an_order(3), an_order(3)
    more = Order(order.order_id, order.customer_id, [OrderedLine(*_values(order.lines[0]), 4, uuid4())], order.places)
    row = SourcingRow(
        order_id=order.order_id, lines_version=1, placed_at=NOON, status="committed",
        lines=write_lines(sourced(order, {"lima": 3})), decided_at=NOON, updated_at=NOON, version=1,
    )  # fmt: skip

    assert [is_sourced(each, row) for each in (order, other, more)] == [True, False, False]


def test_an_order_is_read_from_its_document() -> None:
    document = (EXAMPLES / "whole.json").read_bytes()
    graph = msgspec.json.decode(document, type=OrderGraph)

    order = order_of(graph)

    assert order.units == {line.id: line.quantity for line in graph.lines}
    assert {each.city for each in order.places.values()} == {
        line.delivery_address.city for line in graph.lines if line.delivery_address
    }


def _values(line: OrderedLine) -> tuple[UUID, int, str]:
    return line.order_line_id, line.line_number, line.sku
