"""Orders that wait for units, through all processes: from the policy to the confirmation in GraphQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from inventory.settings import SAFETY_MARGIN
from tests.support.eventually import eventually
from tests.support.shop.builders import client, graphql
from tests.support.stock.selling import Order, Shop, a_shop, command, orders_are_sourced, received, violations

ON_SALE = "query($sku: String!) { product(sku: $sku) { availability { status } } }"
QUERY = "query($id: ID!) { order(id: $id) { status sourcing { status lines { quantity backordered } } } }"


@pytest.fixture(autouse=True)
async def _orders_are_sourced() -> AsyncIterator[None]:
    async with orders_are_sourced():
        yield


async def may_wait(shop: Shop, **policy: Any) -> None:
    async with client("inventory") as http:
        body = {"safetyMargin": SAFETY_MARGIN, "backorders": "yes"} | policy
        answer = await http.put(f"/stock-policies/*/{shop.sku}", json=body)
    assert answer.status_code == 201, answer.text


async def is_shown(order: Order, status: str, sourcing: str, backordered: int) -> None:
    """Return once GraphQL shows the order so."""

    async def is_so() -> None:
        shown = (await graphql(QUERY, id=order["id"]))["order"]
        assert (shown["status"], shown["sourcing"]["status"]) == (status, sourcing)
        assert sum(line["backordered"] for line in shown["sourcing"]["lines"]) == backordered

    await eventually(is_so)


async def is_on_sale(shop: Shop, status: str) -> None:
    """Return once GraphQL shows this status of the product."""

    async def is_so() -> None:
        assert (await graphql(ON_SALE, sku=shop.sku))["product"]["availability"]["status"] == status

    await eventually(is_so)


async def test_orders_wait_for_units_and_are_confirmed_in_their_turn() -> None:
    shop = await a_shop(1)
    await may_wait(shop, leadTimeDays=3)

    first = await shop.place(3)
    second, third = await shop.place(1), await shop.place(2)
    cart = await shop.reserve(1)

    assert [each["status"] for each in (first, second, third)] == ["backordered"] * 3
    assert cart.status_code == 409
    await is_shown(first, "BACKORDERED", "BACKORDERED", 2)
    async with client("inventory") as http:
        queue = (await http.get("/backorders", params={"sku": shop.sku})).json()["items"]
    assert [(each["orderId"], each["quantity"]) for each in queue] == [
        (first["id"], 2),
        (second["id"], 1),
        (third["id"], 2),
    ]
    cancelled = await command(second, "cancel")
    assert cancelled.status_code == 200
    await received(shop.sku, 3)
    await is_shown(first, "CONFIRMED", "COMMITTED", 0)
    await is_shown(second, "CANCELLED", "RELEASED", 0)
    await is_shown(third, "BACKORDERED", "BACKORDERED", 1)
    await received(shop.sku, 2)
    await is_shown(third, "CONFIRMED", "COMMITTED", 0)
    await shop.has(on_hand=6 + SAFETY_MARGIN, committed=5)
    assert await violations() == []


async def test_more_than_the_limit_is_rejected_with_the_reason() -> None:
    shop = await a_shop(0)
    await is_on_sale(shop, "OUT_OF_STOCK")
    await may_wait(shop, backorders="limit", backorderLimit=2)
    await is_on_sale(shop, "BACKORDER")

    waiting, too_many = await shop.place(2), await shop.place(1)

    await is_on_sale(shop, "OUT_OF_STOCK")
    assert (waiting["status"], too_many["status"]) == ("backordered", "rejected")
    assert too_many["rejectionReason"] == f"back-order limit of {shop.sku} is 2: 2 are back-ordered, 1 more are wanted"
    assert await violations() == []
