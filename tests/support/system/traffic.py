"""Continuous traffic: places, changes and cancels orders, changes prices and creates customers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.support.shop.builders import a_customer, a_product, an_address, client, posted


class Traffic:
    """What the traffic has written so far."""

    def __init__(self) -> None:
        self.orders: list[str] = []


@asynccontextmanager
async def traffic(shoppers: int = 4) -> AsyncIterator[Traffic]:
    """Run traffic while the block runs. Raises its errors."""
    done = Traffic()
    tasks = [asyncio.create_task(_shop(done)) for _ in range(shoppers)]
    try:
        yield done
    finally:
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if not isinstance(outcome, asyncio.CancelledError):
                raise AssertionError("the shop has stopped") from outcome


async def _shop(done: Traffic) -> None:
    while True:
        customer = await a_customer()
        address, product = await an_address(customer), await a_product()
        line = {"sku": product["sku"], "quantity": 2, "deliveryAddressId": address["id"]}
        async with client("orders") as orders, client("products") as products:
            for _ in range(5):
                body = {"customerId": customer["id"], "lines": [line, line]}
                placed = await posted(orders, "/orders", body)
                assert placed.status_code == 201, placed.text
                done.orders.append(placed.json()["id"])
                path = f"/orders/{placed.json()['id']}"
                changed = await orders.patch(f"{path}/lines", json=_lines(line), headers=_if_match(placed))
                assert changed.status_code == 200, changed.text
                moved = await orders.post(f"{path}/cancel", json={"reason": "no more"}, headers=_if_match(changed))
                assert moved.status_code == 200, moved.text
            seen = await products.get(f"/products/{product['sku']}")
            await products.patch(f"/products/{product['sku']}", json={"price": "13.00"}, headers=_if_match(seen))


def _lines(line: dict[str, Any]) -> dict[str, Any]:
    return {"lines": [line | {"quantity": 3}]}


def _if_match(answer: Any) -> dict[str, str]:
    return {"If-Match": answer.headers["ETag"]}
