"""Each version of an order is told to subscribers once, also while the worker is away for a while, or killed."""

from __future__ import annotations

import asyncio
import os
import signal
from itertools import chain
from typing import Any

from local import supervisor
from tests.support.eventually import eventually
from tests.support.live.clients import changes, now, socket, subscribe
from tests.support.shop.builders import a_customer, a_key, a_product, an_address, client, made
from tests.support.system.freezing import stopped
from tests.support.views.comparison import assert_views_equal_mysql

ORDERS, AT_ONCE = 48, 4
WORKER = "orders_stream"


async def test_all_hear_of_confirmed_orders_though_they_are_shipped_at_once(system: dict[str, str]) -> None:
    begin = await now()

    orders = await _orders(ORDERS)
    os.kill(supervisor.states(system)[WORKER]["pid"], signal.SIGKILL)
    orders |= await _orders(ORDERS)

    await _assert_told(begin, "CONFIRMED", {2: orders})


async def test_all_hear_what_happened_while_the_worker_was_away(system: dict[str, str]) -> None:
    begin = await now()

    with stopped(system, WORKER):
        orders = await _orders(ORDERS)

    await _assert_told(begin, "CONFIRMED", {2: orders})
    await _assert_told(begin, None, {1: orders, 2: orders, 3: orders})
    await eventually(assert_views_equal_mysql)


async def _orders(number: int) -> set[str]:
    """Orders that are placed, confirmed and shipped, one call after the other; their ids."""
    customer, product = await a_customer(), await a_product()
    address = await an_address(customer)
    line = {"sku": product["sku"], "quantity": 1, "deliveryAddressId": address["id"]}
    body = {"customerId": customer["id"], "lines": [line, line]}

    async def one_after_the_other() -> list[str]:
        ids = []
        async with client("orders") as http:
            for _ in range(number // AT_ONCE):
                order = await made("orders", "/orders", body)
                for version, command in enumerate(("confirm", "ship"), 1):
                    headers = a_key() | {"If-Match": f'"{version}"'}
                    answer = await http.post(f"/orders/{order['id']}/{command}", headers=headers)
                    assert answer.status_code == 200, answer.text
                ids.append(order["id"])
        return ids

    return set(chain.from_iterable(await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))))


async def _assert_told(after: str, status: str | None, expected: dict[int, set[str]]) -> None:
    """Since `after`, all versions of these orders are told, each once and in order."""
    wanted = {order for orders in expected.values() for order in orders}
    found: dict[str, list[int]] = {order: [] for order in wanted}
    filter: dict[str, Any] = {} if status is None else {"status": status}
    async with socket() as on:
        await subscribe(on, filter=filter, after=after)
        number = 0
        while number < sum(map(len, expected.values())):
            [change] = await changes(on, 1)
            if change["orderId"] in found:
                found[change["orderId"]].append(change["version"])
                number += 1
    assert found == {order: [version for version, orders in expected.items() if order in orders] for order in wanted}
