"""A store that is killed while it answers and sells: after its restart, everything is there once."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx

from tests.support.eventually import eventually
from tests.support.shop.builders import client
from tests.support.shop.on_topics import put
from tests.support.stock.store import Till, allocation, answered, check_books, new_sku, reservation
from tests.support.system.processes import process

ORDERS, SALES = 120, 30


async def test_a_store_is_killed_while_it_answers_and_sells() -> None:
    sku = new_sku()
    told = [reservation(sku) for _ in range(ORDERS)]
    async with process("store_seattle") as store, client("store_seattle") as http:
        await Till(http).move(sku, ORDERS)
        await put(*told[: ORDERS // 2])
        sales = [asyncio.create_task(sell(Till(http), sku, number)) for number in range(SALES)]
        await put(*told[ORDERS // 2 :])

        async def has_begun() -> None:
            assert await allocation(told[0].reservation_id) is not None

        await eventually(has_begun)
        store.kill()
        await asyncio.gather(*sales)

    async with process("store_seattle"), client("store_seattle") as http:
        answers = await asyncio.gather(*(sell(Till(http), sku, number) for number in range(SALES)))
        states = Counter([(await answered(each.reservation_id))["state"] for each in told])

        sold = answers.count(201)
        assert sold + states["committed"] == ORDERS
        assert await Till(http).units(sku) == (ORDERS - sold, 0, states["committed"])
        await check_books(sku)


async def sell(till: Till, sku: str, number: int) -> int:
    """The status of a sale with a key of its own, which a retry has again; 0 without an answer."""
    try:
        return (await till.move(sku, -1, key=f"{sku[2:]}-{number}")).status_code
    except httpx.TransportError:
        return 0
