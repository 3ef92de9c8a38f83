"""Orders with stock: buyers, carts and tills want the same units, and records come late, doubled and shuffled."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from contracts.inventory.availability import AVAILABILITY
from contracts.stores import STOCK
from inventory.settings import SAFETY_MARGIN
from tests.support.shop.builders import client
from tests.support.stock.selling import a_shop, command, deliver_again, orders_are_sourced, stock_records, violations
from tests.support.stock.sourcing import check_units

BUYERS, CARTS, SALES = 25, 10, 15


@pytest.fixture(autouse=True)
async def _orders_are_sourced() -> AsyncIterator[None]:
    async with orders_are_sourced():
        yield


async def test_the_units_of_an_order_are_promised_and_leave_the_store_with_it() -> None:
    shop = await a_shop(5)

    order = await shop.place(2, 3)
    by_hand = await command(order, "confirm")
    await shop.has(on_hand=5 + SAFETY_MARGIN, committed=5)
    shipped = await command(order, "ship")

    assert (order["status"], by_hand.status_code, shipped.status_code) == ("confirmed", 409, 200)
    await shop.has(on_hand=SAFETY_MARGIN, committed=0)
    assert await violations() == []


async def test_an_order_for_more_than_there_is_is_rejected_with_the_reason() -> None:
    shop, nowhere = await a_shop(5), f"NOWHERE-{uuid4().hex[:8]}"
    async with client("products") as http:
        product = {"sku": nowhere, "name": "Nowhere", "price": "1", "currency": "USD"}
        await http.post("/products", json=product, headers={"Idempotency-Key": nowhere})

    lines_of_one_sku = await shop.place(4, 3)
    unknown = await shop.place(1, sku=nowhere)

    assert lines_of_one_sku["rejectionReason"] == f"out of stock: {shop.sku} wants 7, has 5"
    assert unknown["rejectionReason"] == f"not in any store: {nowhere}"
    await shop.has(on_hand=5 + SAFETY_MARGIN, committed=0)


async def test_units_in_a_cart_are_those_of_its_order_and_come_back_once() -> None:
    shop = await a_shop(5)
    cart = (await shop.reserve(5)).json()
    async with client("inventory") as http:
        [shown] = (await http.get("/availability", params={"sku": shop.sku, "all": "true"})).json()["items"]

    another = await shop.place(1)
    order = await shop.place(5, reservationId=cart["id"])
    cancelled = [await command(order, "cancel") for _ in range(2)]

    assert (shown["reserved"], shown["availableToPromise"]) == (5, 0)
    assert (another["status"], order["status"]) == ("rejected", "confirmed")
    assert [answer.status_code for answer in cancelled] == [200, 409]
    await shop.has(on_hand=5 + SAFETY_MARGIN, committed=0)
    assert await violations() == []


async def test_of_fifty_buyers_of_the_last_unit_one_gets_it() -> None:
    shop = await a_shop(1)

    orders = await asyncio.gather(*(shop.place(1) for _ in range(50)))

    assert Counter(order["status"] for order in orders) == {"confirmed": 1, "rejected": 49}
    await shop.has(on_hand=1 + SAFETY_MARGIN, committed=1)


async def test_buyers_carts_and_tills_get_no_more_than_there_is_however_records_come() -> None:
    shop, there_are = await a_shop(10), 10 + SAFETY_MARGIN

    orders, carts, sales = await asyncio.gather(
        asyncio.gather(*(shop.place(1) for _ in range(BUYERS))),
        asyncio.gather(*(shop.reserve(1) for _ in range(CARTS))),
        asyncio.gather(*(shop.sell(1) for _ in range(SALES))),
    )
    await deliver_again(shop.sku, random.Random(17).shuffle)
    async with client("inventory") as http:
        held = [cart.json()["id"] for cart in carts if cart.status_code == 201]
        await asyncio.gather(*(http.post(f"/reservations/{each}/release") for each in [*held, *held]))
    await deliver_again(shop.sku, random.Random(18).shuffle)

    confirmed = sum(order["status"] == "confirmed" for order in orders)
    sold = sum(sale.status_code == 201 for sale in sales)
    assert {order["status"] for order in orders} <= {"confirmed", "rejected"}
    await shop.has(on_hand=there_are - sold, committed=confirmed)
    left = there_are - sold - confirmed
    assert [(await shop.sell(1)).status_code for _ in range(left + 1)] == [201] * left + [409]
    records = await stock_records(shop.sku)
    shelves = [STOCK.decoder()(record.value) for record in records[STOCK.name]]
    assert all(0 <= row.committed + row.unsellable <= row.on_hand for row in shelves)
    assert records[AVAILABILITY.name]
    for record in records[AVAILABILITY.name]:
        check_units(AVAILABILITY.decoder()(record.value))
    assert await violations() == []


async def test_a_cart_and_a_policy_are_read_back() -> None:
    shop, query = await a_shop(5), "query ($sku: String!) { product(sku: $sku) { stock { reserved safetyMargin } } }"
    cart = await shop.reserve(2)
    async with client("inventory") as http:
        policy = await http.put(f"/stock-policies/*/{shop.sku}", json={"safetyMargin": 1})

    async with client("gateway") as http:
        seen = []
        for answer in (cart, policy):
            headers = {"Consistency-Token": answer.headers["Consistency-Token"], "Consistency-Timeout-Ms": "8000"}
            body = {"query": query, "variables": {"sku": shop.sku}}
            seen.append((await http.post("/graphql", json=body, headers=headers)).json()["data"]["product"]["stock"])

    assert seen == [[{"reserved": 2, "safetyMargin": 1}]] * 2
