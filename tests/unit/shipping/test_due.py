"""What is due with the shipments of an order, of what is known about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from typing import Any
from uuid import UUID

import msgspec
import pytest

from contracts.inventory.sourcing import read_lines, write_lines
from contracts.shipping import ShipmentStatus
from shipping.orders.due import Facts, NotReady, follow, plan
from shipping.replica.orders import StoredOrder, StoredSourcing, line_of
from shipping.shipments.decisions.delivering import cancel
from shipping.shipments.decisions.planning import units_of
from shipping.shipments.decisions.regrouping import RESOURCED
from shipping.shipments.folding import apply, fold
from shipping.shipments.state import Shipment
from tests.support.shipments import a_shipment
from tests.support.shipping import a_graph, sourced
from tests.support.shop.rows import NOON

GRAPH = a_graph(("A", 3), ("B", 1))
ORDER = StoredOrder(
    order_id=GRAPH.id,
    customer_id=GRAPH.customer_id,
    status="confirmed",
    confirmed_at=GRAPH.confirmed_at,
    placed_at=GRAPH.placed_at,
    is_imported=False,
    on_request=False,
    is_deleted=False,
    lines=[line_of(each) for each in GRAPH.lines],
    shipment_ids=[],
    currency="USD",
    freight=Decimal(0),
    version=2,
)


def facts(**changes: Any) -> Facts:
    of_order = {name: changes.pop(name) for name in list(changes) if name in StoredOrder.__dataclass_fields__}
    whole = Facts(
        order=replace(ORDER, **of_order),
        sourcing=None,
        has_inventory=False,
        may_be_sourced=False,
        since=NOON,
        is_erased=False,
        shipments=[],
    )
    return replace(whole, **changes)


def after(known: Facts) -> list[Shipment]:
    """The shipments once what is due was done."""
    changes = follow(known, "main", NOON)
    states = {each.shipment_id: each for each in known.shipments}
    for shipment_id, events in changes.items():
        before = states.get(shipment_id)
        state = reduce(apply, events, before) if before else fold(shipment_id, events)
        assert state is not None
        states[shipment_id] = state
    return list(states.values())


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({}, 1),
        ({"status": "partially_shipped"}, 0),
        ({"status": "partially_shipped", "is_imported": True, "on_request": True}, 0),
        ({"status": "placed"}, 0),
        ({"status": "shipped"}, 0),
        ({"status": "delivered"}, 0),
        ({"is_imported": True}, 0),
        ({"is_imported": True, "on_request": True}, 1),
        ({"since": NOON + timedelta(hours=1)}, 0),
        ({"since": NOON + timedelta(hours=1), "on_request": True}, 1),
        ({"since": None}, 0),
        ({"confirmed_at": None}, 0),
        ({"has_inventory": True}, 0),
        ({"may_be_sourced": True}, 0),
        ({"may_be_sourced": True, "on_request": True}, 1),
        ({"is_deleted": True}, 0),
    ],
)
def test_an_order_is_planned_once_it_is_ready(changes: dict[str, Any], count: int) -> None:
    planned = after(facts(**changes))

    assert len(planned) == count
    assert after(facts(**changes, shipments=planned)) == planned


@pytest.mark.parametrize(
    ("changes", "locations"),
    [
        ({}, {"lima", "seattle"}),
        ({"status": "reserved"}, set()),
        ({"status": "short"}, set()),
        ({"is_deleted": True}, set()),
        ({"lines": "[]"}, set()),
    ],
)
def test_stores_ship_what_they_have_committed(changes: dict[str, Any], locations: set[str]) -> None:
    row = sourced(GRAPH, "lima", "seattle")
    sourcing = replace(StoredSourcing(row.status, row.lines, row.is_deleted), **changes)

    planned = after(facts(has_inventory=True, sourcing=sourcing))

    assert {each.location for each in planned} == locations


@pytest.mark.parametrize("is_erased", [False, True])
@pytest.mark.parametrize(
    ("before", "then"),
    [
        ("planned", "cancelled"),
        ("packed", "cancelled"),
        ("dispatched", "recalled"),
        ("failed", "recalled"),
        ("delivered", "delivered"),
        ("returned", "returned"),
        ("recalled", "recalled"),
        ("cancelled", "cancelled"),
    ],
)
def test_shipments_follow_a_cancelled_order(before: str, then: str, is_erased: bool) -> None:
    known = facts(status="cancelled", shipments=[a_shipment(ShipmentStatus(before))], is_erased=is_erased)

    [shipment] = done = after(known)

    assert (shipment.status, shipment.erased_at is not None) == (then, is_erased)
    assert follow(replace(known, shipments=done), "main", NOON) == {}


def test_a_shipment_of_an_erased_customer_is_erased_as_it_begins() -> None:
    [shipment] = after(facts(is_erased=True))

    assert (shipment.version, shipment.erased_at) == (2, NOON)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": "placed"}, "it is placed"),
        ({"has_inventory": True}, "have not committed"),
        ({"status": "partially_shipped"}, "left without a shipment"),
    ],
)
def test_a_request_says_why_an_order_is_not_ready(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(NotReady, match=why):
        plan(facts(**changes), "main", NOON)


def test_the_rest_of_an_order_is_planned_once_a_shipment_has_left() -> None:
    whole = a_shipment(ShipmentStatus.DISPATCHED)
    first = whole.lines[0]
    part = msgspec.structs.replace(first, order_line_id=GRAPH.lines[0].id, quantity=2)
    left = msgspec.structs.replace(whole, lines=(part,))

    [_, planned] = after(facts(status="partially_shipped", is_imported=True, on_request=True, shipments=[left]))

    assert {line.order_line_id: line.quantity for line in planned.lines} == {GRAPH.lines[0].id: 1, GRAPH.lines[1].id: 1}


def test_an_id_follows_from_order_address_and_location() -> None:
    first, again = after(facts()), after(facts())

    assert [each.shipment_id for each in first] == [each.shipment_id for each in again]
    assert all(isinstance(each.shipment_id, UUID) and each.shipment_id.version == 5 for each in first)


def short_sourcing(*stores: dict[str, int], asked: Sequence[str] = ()) -> StoredSourcing:
    """A sourcing that is short; these stores were only asked."""
    row = sourced(GRAPH, *stores)
    lines = [
        msgspec.structs.replace(
            line,
            parts=[
                msgspec.structs.replace(part, state="asked" if part.store_id in asked else part.state)
                for part in line.parts
            ],
        )
        for line in read_lines(row.lines)
    ]
    return StoredSourcing("short", write_lines(lines), is_deleted=False)


@pytest.mark.parametrize("status", ["confirmed", "partially_shipped"])
@pytest.mark.parametrize(
    ("short", "kept"),
    [
        (short_sourcing({"lima": 2}, {"seattle": 1}), {"seattle"}),
        (short_sourcing({}, {"seattle": 1}), {"seattle"}),
        (short_sourcing({"berlin": 3}, {"seattle": 1}, asked=["berlin"]), {"seattle"}),
        (short_sourcing({"lima": 3}, {}), {"lima"}),
        (short_sourcing({"lima": 3}, {"seattle": 1}, asked=["lima", "seattle"]), set()),
    ],
)
def test_shipments_with_units_that_fell_short_are_not_sent(short: StoredSourcing, kept: set[str], status: str) -> None:
    row = sourced(GRAPH, "lima", "seattle")
    committed = StoredSourcing(row.status, row.lines, row.is_deleted)
    planned = after(facts(has_inventory=True, sourcing=committed))
    gone = [a_shipment(ShipmentStatus.DISPATCHED)] if status == "partially_shipped" else []
    known = facts(has_inventory=True, sourcing=short, shipments=[*planned, *gone], status=status)

    left = after(known)

    assert {each.location for each in left if each.is_open} == kept
    assert {each.reason for each in left if not each.is_open and each not in gone} <= {RESOURCED}
    assert after(replace(known, shipments=left)) == left
    again = after(replace(known, shipments=left, sourcing=committed))
    assert {each.location for each in again if each.is_open} == {"lima", "seattle"}
    assert units_of(each for each in again if each not in gone) == ORDER.as_ordered().units


def test_units_that_fell_short_are_not_planned_again_where_somebody_cancelled_them() -> None:
    row = sourced(GRAPH, "lima", "lima")
    committed = StoredSourcing(row.status, row.lines, row.is_deleted)
    [shipment] = after(facts(has_inventory=True, sourcing=committed))
    cancelled = reduce(apply, cancel(shipment, "lost-in-store", NOON), shipment)
    known = facts(has_inventory=True, sourcing=short_sourcing({"lima": 1}, {"lima": 1}), shipments=[cancelled])

    assert after(replace(known, shipments=after(known), sourcing=committed)) == [cancelled]
