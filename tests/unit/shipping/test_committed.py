"""Units of an order that came short are not sent as long as their store does not give them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from contracts.inventory.sourcing import SourcedLine, SourcedPart, write_lines
from contracts.shipping import ShipmentStatus
from shipping.replica.orders import StoredSourcing
from shipping.shipments.decisions.committed import check_committed
from shipping.shipments.decisions.rules import Rule, RuleBroken
from shipping.shipments.state import Shipment
from tests.support.shipments import a_shipment


def sourced(shipment: Shipment, status: str, *parts: tuple[str, str, int]) -> StoredSourcing:
    """The one line of the shipment, with so many units of a store in a state."""
    [line] = shipment.lines
    found = [
        SourcedPart(state=state, quantity=units, store_id=to, reservation_id=uuid4()) for to, state, units in parts
    ]
    lines = [
        SourcedLine(sku=line.sku, parts=found, quantity=line.quantity, backordered=0, order_line_id=line.order_line_id)
    ]
    return StoredSourcing(status, write_lines(lines), is_deleted=False)


@pytest.mark.parametrize("parts", [[], [("main", "committed", 2)], [("main", "asked", 3)], [("lima", "committed", 3)]])
def test_a_packed_shipment_with_missing_units_stays(parts: list[tuple[str, str, int]]) -> None:
    shipment = a_shipment(ShipmentStatus.PACKED, 3)

    with pytest.raises(RuleBroken) as broken:
        check_committed(shipment, sourced(shipment, "short", *parts))

    assert broken.value.rules == [Rule.UNITS_ARE_COMMITTED]


@pytest.mark.parametrize(
    ("status", "parts"),
    [
        ("short", [("main", "committed", 3)]),
        ("short", [("main", "committed", 2), ("main", "shipped", 1)]),
        ("committed", []),
    ],
)
def test_what_its_store_gives_is_sent(status: str, parts: list[tuple[str, str, int]]) -> None:
    shipment = a_shipment(ShipmentStatus.PACKED, 3)

    check_committed(shipment, sourced(shipment, status, *parts))


def test_what_has_left_and_failed_is_sent_again() -> None:
    shipment = a_shipment(ShipmentStatus.FAILED, 3)

    check_committed(shipment, sourced(shipment, "short"))
