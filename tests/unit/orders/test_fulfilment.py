"""Which status the shipments of an order lead to, and by which commands."""

from __future__ import annotations

from uuid import UUID

import pytest

from contracts.orders import OrderStatus
from contracts.shipping import LEFT, ShipmentStatus
from orders.fulfilment.rules import SETTLED, Shipment, is_late, reached, steps
from orders.statuses.life_cycle import Command

CHAI, CHANG = UUID(int=1), UUID(int=2)
ORDERED = {CHAI: 3, CHANG: 1}


def a_shipment(status: str, chai: int = 0, chang: int = 0) -> Shipment:
    return Shipment(status, {CHAI: chai, CHANG: chang})


@pytest.mark.parametrize(
    ("shipments", "status"),
    [
        ([], "confirmed"),
        ([a_shipment("planned", 3, 1)], "confirmed"),
        ([a_shipment("packed", 3, 1)], "confirmed"),
        ([a_shipment("cancelled", 3, 1)], "confirmed"),
        ([a_shipment("dispatched", 3)], "partially_shipped"),
        ([a_shipment("delivered", 2), a_shipment("packed", 1, 1)], "partially_shipped"),
        ([a_shipment("delivered", 3), a_shipment("cancelled", 0, 1)], "partially_shipped"),
        ([a_shipment("delivered", 4)], "partially_shipped"),
        ([a_shipment("dispatched", 3), a_shipment("delivered", 0, 1)], "shipped"),
        ([a_shipment("delivered", 3), a_shipment("failed", 0, 1)], "shipped"),
        ([a_shipment("delivered", 3), a_shipment("returned", 0, 1)], "shipped"),
        ([a_shipment("delivered", 3), a_shipment("delivered", 0, 1)], "delivered"),
        ([a_shipment("delivered", 3, 1), a_shipment("cancelled", 3, 1)], "delivered"),
        ([a_shipment("teleported", 3, 1)], "confirmed"),
    ],
)
def test_an_order_is_where_its_units_are(shipments: list[Shipment], status: str) -> None:
    assert reached(ORDERED, shipments) == status


def test_an_order_that_lost_its_lines_is_not_delivered_without_a_shipment() -> None:
    assert reached({}, []) is OrderStatus.CONFIRMED


@pytest.mark.parametrize(
    ("status", "to", "commands"),
    [
        ("confirmed", "confirmed", []),
        ("confirmed", "partially_shipped", [Command.SHIP_PART]),
        ("confirmed", "shipped", [Command.SHIP]),
        ("confirmed", "delivered", [Command.SHIP, Command.DELIVER]),
        ("partially_shipped", "shipped", [Command.SHIP]),
        ("partially_shipped", "delivered", [Command.SHIP, Command.DELIVER]),
        ("shipped", "delivered", [Command.DELIVER]),
        ("delivered", "partially_shipped", []),
        ("shipped", "confirmed", []),
        ("cancelled", "confirmed", []),
        ("cancelled", "shipped", None),
        ("placed", "partially_shipped", None),
        ("quarantined", "shipped", None),
    ],
)
def test_it_goes_there_by_the_fewest_commands(status: str, to: str, commands: list[Command] | None) -> None:
    assert steps(status, OrderStatus(to)) == commands


@pytest.mark.parametrize("status", ShipmentStatus)
def test_units_that_are_in_no_shipment_that_waits_have_left_or_are_cancelled(status: ShipmentStatus) -> None:
    is_waiting = status in (ShipmentStatus.PLANNED, ShipmentStatus.PACKED)

    assert is_waiting == (status not in LEFT | SETTLED[Command.DELIVER])


@pytest.mark.parametrize(
    ("before", "after", "order", "late"),
    [
        (None, "dispatched", "cancelled", True),
        ("packed", "recalled", "cancelled", True),
        ("dispatched", "recalled", "cancelled", False),
        ("packed", "cancelled", "cancelled", False),
        ("packed", "dispatched", "confirmed", False),
    ],
)
def test_a_shipment_of_a_cancelled_order_is_late_once(before: str | None, after: str, order: str, late: bool) -> None:
    assert is_late(before, after, order) == late
