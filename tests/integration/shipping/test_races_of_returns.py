"""Returns of the same units at once, and refunds of the same amounts at once: nobody gets them twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from decimal import Decimal

import httpx

from tests.integration.shipping.test_commands import do
from tests.integration.shipping.test_returns import ask, delivered, opened, received, step
from tests.support.shipping import Shipping, a_graph


async def test_twelve_returns_at_once_have_no_unit_twice(shipping: Shipping, http: httpx.AsyncClient) -> None:
    order = await delivered(shipping, http, ("A", 7))

    answers = await asyncio.gather(*(ask(http, order, 2) for _ in range(12)))

    assert Counter(each.status_code for each in answers) == {201: 3, 409: 9}
    listed = (await http.get("/returns", params={"orderId": str(order.id)})).json()["items"]
    assert sum(each["lines"][0]["quantity"] for each in listed) == 6


async def test_refunds_at_once_are_as_much_as_was_paid(shipping: Shipping, http: httpx.AsyncClient) -> None:
    order = await delivered(shipping, http, ("A", 7), freight="5.00")
    returns = [await received(http, order, 1) for _ in range(7)]

    answers = await asyncio.gather(
        *(http.post(f"/returns/{each['id']}/approve-refund", json={"freight": "2.50"}) for each in returns)
    )

    done = Counter(each.status_code for each in answers)
    assert done == {200: 2, 409: 5}, "the shipping charge is enough for two"
    for each, answer in zip(returns, answers, strict=True):
        if answer.status_code == 409:
            await step(http, each["id"], "approve-refund")
    listed = (await http.get("/returns", params={"orderId": str(order.id)})).json()["items"]
    assert sum(Decimal(each["refund"]["amount"]) for each in listed) == Decimal(15)


async def test_of_twelve_receipts_at_once_one_wins(shipping: Shipping, http: httpx.AsyncClient) -> None:
    order = await delivered(shipping, http, ("A", 3))
    it = await opened(http, order, 2)
    await step(http, it["id"], "authorise")
    body = {"lines": [{"orderLineId": str(order.lines[0].id), "sellable": 2}]}

    answers = await asyncio.gather(*(http.post(f"/returns/{it['id']}/receive", json=body) for _ in range(12)))

    assert Counter(each.status_code for each in answers) == {200: 1, 409: 11}
    assert (await http.get(f"/returns/{it['id']}")).json()["version"] == 3


async def test_a_shipment_comes_back_while_its_order_is_followed(shipping: Shipping, http: httpx.AsyncClient) -> None:
    orders = [a_graph(("A", 1)) for _ in range(10)]
    await shipping.order(*orders)
    sent = [row for order in orders for row in await shipping.shipments(order)]
    for row in sent:
        shipment = {"id": str(row.shipment_id)}
        await do(http, shipment, "pack", {"parcels": [{}]})
        await do(http, shipment, "dispatch")
        await do(http, shipment, "fail", {"reason": "recipient-absent"})

    await asyncio.gather(
        shipping.order(*orders),
        *(do(http, {"id": str(row.shipment_id)}, "return") for row in sent),
        shipping.order(*orders),
    )

    listed = (await http.get("/returns", params={"status": "received"})).json()["items"]
    assert {each["shipmentId"] for each in listed} == {str(row.shipment_id) for row in sent}
