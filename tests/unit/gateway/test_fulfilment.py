"""How far an order is by its shipments, and the carriers' pages about parcels."""

from __future__ import annotations

from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from contracts.order_returns import ReturnLine, ReturnOrigin, ReturnStatus, write_return_lines
from contracts.shipping import ShipmentStatus, ShippedLine, write_parts
from gateway.shop.returns import inputs
from gateway.shop.shipments.carriers import tracking_url
from gateway.shop.shipments.fulfilment import fulfilment_of
from gateway.shop.shipments.inputs import ShipmentStatus as Shown
from gateway.shop.shipments.parts import TrackingCode
from shipping.shipments import values


def shipment(status: str, *quantities: int) -> dict[str, Any]:
    lines = [
        ShippedLine(sku="CHAI", quantity=quantity, line_number=1, order_line_id=UUID(int=1)) for quantity in quantities
    ]
    return {"status": status, "lines": write_parts(lines)}


def a_return(status: str, units: int) -> dict[str, Any]:
    line = ReturnLine(
        sku="CHAI", reason="x", quantity=units, sellable=units - 1, damaged=1, line_number=1, order_line_id=UUID(int=1)
    )
    return {"status": status, "origin": "delivered", "lines": write_return_lines([line])}


@pytest.mark.parametrize(
    ("shipments", "fulfilment"),
    [
        ([("planned", 3)], "UNFULFILLED"),
        ([("packed", 3), ("of a later version", 1)], "UNFULFILLED"),
        ([("dispatched", 1), ("planned", 2)], "PARTIALLY_SHIPPED"),
        ([("failed", 1), ("planned", 2)], "PARTIALLY_SHIPPED"),
        ([("dispatched", 1), ("failed", 2)], "SHIPPED"),
        ([("dispatched", 1), ("recalled", 2)], "SHIPPED"),
        ([("delivered", 1), ("planned", 2)], "PARTIALLY_DELIVERED"),
        ([("delivered", 1), ("dispatched", 2)], "PARTIALLY_DELIVERED"),
        ([("delivered", 1), ("delivered", 2)], "DELIVERED"),
        ([("delivered", 1), ("cancelled", 2)], "DELIVERED"),
        ([("delivered", 1), ("returned", 2)], "PARTIALLY_RETURNED"),
        ([("returned", 1), ("planned", 2)], "PARTIALLY_RETURNED"),
        ([("returned", 1), ("returned", 2), ("cancelled", 5)], "RETURNED"),
        ([("cancelled", 3)], "UNFULFILLED"),
        ([("dispatched",)], "UNFULFILLED"),
    ],
)
def test_the_units_of_the_shipments_say_how_far_an_order_is(shipments: list[tuple[Any, ...]], fulfilment: str) -> None:
    for arrival in permutations(shipments):
        assert fulfilment_of("confirmed", [shipment(*each) for each in arrival]).name == fulfilment


@pytest.mark.parametrize(
    ("shipments", "fulfilment"),
    [
        ([("dispatched", 3), ("cancelled", 2)], "PARTIALLY_SHIPPED"),
        ([("delivered", 3), ("cancelled", 2)], "PARTIALLY_DELIVERED"),
        ([("returned", 3)], "PARTIALLY_RETURNED"),
    ],
)
def test_a_partially_shipped_order_has_more_units_than_its_shipments(
    shipments: list[tuple[Any, ...]], fulfilment: str
) -> None:
    assert fulfilment_of("partially_shipped", [shipment(*each) for each in shipments]).name == fulfilment


@pytest.mark.parametrize(
    ("returns", "fulfilment"),
    [
        ([("requested", 3)], "DELIVERED"),
        ([("authorised", 3), ("cancelled", 1), ("refused", 1)], "DELIVERED"),
        ([("received", 1), ("authorised", 2)], "PARTIALLY_RETURNED"),
        ([("received", 1), ("refund_approved", 1), ("refunded", 1)], "RETURNED"),
        ([("of a later version", 3)], "DELIVERED"),
    ],
)
def test_delivered_units_that_came_back_count_as_returned(returns: list[tuple[str, int]], fulfilment: str) -> None:
    rows = [a_return(*each) for each in returns]
    to_sender = {**a_return("received", 3), "origin": "returned_to_sender"}

    assert fulfilment_of("delivered", [shipment("delivered", 3)], rows).name == fulfilment
    assert fulfilment_of("delivered", [shipment("delivered", 3)], [to_sender]).name == "DELIVERED", (
        "its shipment counts"
    )


@pytest.mark.parametrize(
    ("status", "fulfilment"),
    [("placed", "UNFULFILLED"), ("shipped", "SHIPPED"), ("delivered", "DELIVERED"), ("cancelled", "UNFULFILLED")],
)
def test_an_order_without_shipments_is_as_far_as_its_status(status: str, fulfilment: str) -> None:
    assert fulfilment_of(status, []).name == fulfilment
    assert fulfilment_of(status, [shipment("cancelled", 3)]).name == fulfilment


@pytest.mark.parametrize(
    ("carrier", "number", "url"),
    [
        ("ups", "1Z999AA1", "https://www.ups.com/track?tracknum=1Z999AA1"),
        ("ups", "1Z 999", None),
        ("ups", "1&x=", None),
        ("ups", "", None),
        ("ups", None, None),
        ("by hand", "1Z999AA1", None),
        (None, "1Z999AA1", None),
    ],
)
def test_a_parcel_has_its_carriers_page(carrier: str | None, number: str | None, url: str | None) -> None:
    assert tracking_url(carrier, number) == url


def test_every_status_and_every_code_has_a_name() -> None:
    assert {each.value for each in Shown} == {*ShipmentStatus, "unknown"}
    assert {each.value for each in inputs.ReturnStatus} == {*ReturnStatus, "unknown"}
    assert {each.value for each in inputs.ReturnOrigin} == {*ReturnOrigin, "unknown"}
    assert {each.value for each in TrackingCode} == {*values.TrackingCode, "unknown"}
