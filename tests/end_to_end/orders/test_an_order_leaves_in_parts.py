"""An order leaves in parts, through all processes: from its sourcing to its status and to the ledger of the store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from inventory.settings import SAFETY_MARGIN
from tests.support.eventually import eventually
from tests.support.shop.builders import a_key, client, graphql
from tests.support.stock.selling import (
    STORE,
    Order,
    a_shop,
    command,
    orders_are_shipped,
    orders_are_sourced,
    violations,
)

QUERY = "query($id: ID!) { order(id: $id) { status allowedTransitions } }"

Shipment = dict[str, Any]


@pytest.fixture(autouse=True)
async def _orders_are_sourced() -> AsyncIterator[None]:
    async with orders_are_sourced(), orders_are_shipped():
        yield


async def planned(order: Order) -> Shipment:
    """The one shipment that shipping plans for an order."""
    assert order["status"] == "confirmed", order

    async def is_planned() -> Shipment:
        async with client("shipping") as http:
            found: list[Shipment] = (await http.get("/shipments", params={"orderId": order["id"]})).json()["items"]
        assert len(found) == 1
        return found[0]

    return dict(await eventually(is_planned))


async def told(shipment: Shipment, name: str, **body: Any) -> httpx.Response:
    """A command on a shipment that is possible."""
    async with client("shipping") as http:
        answer = await http.post(f"/shipments/{shipment['id']}/{name}", json=body, headers=a_key())
    assert answer.is_success, answer.text
    return answer


async def sent(shipment: Shipment) -> None:
    """Pack and dispatch a shipment."""
    await told(shipment, "pack", parcels=[{}])
    await told(shipment, "dispatch", carrier="dhl")


async def split_off(shipment: Shipment, units: int) -> Shipment:
    """The shipment that gets these units of the only line."""
    line = shipment["lines"][0]
    await told(shipment, "split", lines=[{"orderLineId": line["orderLineId"], "quantity": units}])

    async with client("shipping") as http:
        found = (await http.get("/shipments", params={"orderId": shipment["orderId"]})).json()["items"]
    [other] = [each for each in found if each["id"] != shipment["id"]]
    split: Shipment = other
    return split


async def is_shown(order: Order, status: str) -> None:
    """Return once GraphQL shows the order with this status."""

    async def is_so() -> None:
        assert (await graphql(QUERY, id=order["id"]))["order"]["status"] == status

    await eventually(is_so)


async def test_the_order_and_its_store_follow_each_shipment() -> None:
    shop = await a_shop(6)
    order = await shop.place(5)
    first = await planned(order)
    second = await split_off(first, 2)

    await sent(first)

    assert (first["location"], first["lines"][0]["quantity"]) == (STORE, 5)
    await is_shown(order, "PARTIALLY_SHIPPED")
    await shop.has(on_hand=3 + SAFETY_MARGIN, committed=2)
    assert (await command(order, "cancel")).status_code == 409
    assert (await command(order, "ship")).json()["type"] == "urn:oms:problem:follows-shipments"
    await sent(second)
    await is_shown(order, "SHIPPED")
    await shop.has(on_hand=1 + SAFETY_MARGIN, committed=0)
    for shipment in (first, second):
        await told(shipment, "deliver")
    await is_shown(order, "DELIVERED")
    assert await violations() == []


async def test_units_that_come_back_are_in_the_store_again() -> None:
    shop = await a_shop(3)
    order = await shop.place(2)
    shipment = await planned(order)

    await sent(shipment)
    await shop.has(on_hand=1 + SAFETY_MARGIN, committed=0)
    await told(shipment, "fail", reason="recipient-absent")
    await told(shipment, "return")

    await shop.has(on_hand=3 + SAFETY_MARGIN, committed=0)
    await is_shown(order, "SHIPPED")
    assert await violations() == []
