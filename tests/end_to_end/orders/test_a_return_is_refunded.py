"""A customer sends units back, through all processes: to the ledger of the store, and to the refund in GraphQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from inventory.settings import SAFETY_MARGIN
from oms.company.rest import rest
from oms.demo.shipping_story import show_return
from tests.end_to_end.orders.test_an_order_leaves_in_parts import is_shown, planned, sent, told
from tests.support.eventually import eventually
from tests.support.shop.builders import a_key, client, graphql
from tests.support.stock.selling import Order, a_shop, orders_are_shipped, orders_are_sourced, violations

QUERY = """query($id: ID!) { order(id: $id) {
  fulfilment total { amount } returns { id status refund { amount } lines { sellable damaged } }
} }"""

Json = dict[str, Any]


@pytest.fixture(autouse=True)
async def _orders_are_sourced() -> AsyncIterator[None]:
    async with orders_are_sourced(), orders_are_shipped():
        yield


async def step(path: str, **body: Any) -> Json:
    """A command on returns that is possible."""
    async with client("shipping") as http:
        answer = await http.post(path, json=body, headers=a_key())
    assert answer.is_success, answer.text
    done: Json = answer.json()
    return done


async def shows(order: Order, **returned: Any) -> Json:
    """The order in GraphQL, once its only return is so."""

    async def is_so() -> Json:
        found: Json = (await graphql(QUERY, id=order["id"]))["order"]
        assert [{name: each[name] for name in returned} for each in found["returns"]] == [returned]
        return found

    return dict(await eventually(is_so))


async def test_sellable_units_are_in_the_store_again_and_all_are_refunded() -> None:
    shop = await a_shop(3)
    order = await shop.place(2)
    shipment = await planned(order)
    await sent(shipment)
    await told(shipment, "deliver")
    await is_shown(order, "DELIVERED")
    line_id = shipment["lines"][0]["orderLineId"]

    lines = [{"orderLineId": line_id, "quantity": 2, "reason": "too-small"}]
    it = await step("/returns", orderId=order["id"], lines=lines)
    await step(f"/returns/{it['id']}/authorise")
    await step(f"/returns/{it['id']}/receive", lines=[{"orderLineId": line_id, "sellable": 1, "damaged": 1}])

    await shop.has(on_hand=2 + SAFETY_MARGIN, committed=0)
    received = await shows(order, status="RECEIVED", refund=None, lines=[{"sellable": 1, "damaged": 1}])
    assert received["fulfilment"] == "RETURNED"
    approved = await step(f"/returns/{it['id']}/approve-refund")
    await step(f"/returns/{it['id']}/refund", reference="re_1")
    paid = await shows(order, status="REFUNDED", refund={"amount": approved["refund"]["amount"]})
    assert Decimal(approved["refund"]["amount"]) == Decimal(paid["total"]["amount"])
    assert await violations() == []


async def test_the_demonstration_returns_a_unit(capsys: pytest.CaptureFixture[str]) -> None:
    shop = await a_shop(3)
    order = await shop.place(2)
    await sent(await planned(order))

    async with rest() as services:
        for _ in range(2):
            await show_return(services, order["id"])

    shown = await shows(order, status="REFUND_APPROVED")
    assert shown["fulfilment"] == "PARTIALLY_RETURNED"
    assert await violations() == []
    assert capsys.readouterr().out.count("approve-refund") == 1
