"""`kill -9` of any one process while orders are being placed: it comes back, and no view differs from MySQL.

Each order is confirmed or rejected then, and no unit is sold twice.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from inventory.settings import SAFETY_MARGIN
from local import stack, supervisor
from local.programs import PROGRAMS, ours
from tests.support.by_hand import rows_by_hand
from tests.support.eventually import eventually
from tests.support.shop.builders import a_key, client
from tests.support.stock.selling import Shop, a_shop, orders_are_sourced, violations
from tests.support.views.comparison import assert_views_equal_mysql

pytestmark = pytest.mark.drill

KILLED = [*{program.command: program.name for program in reversed(PROGRAMS) if not program.once}.values()]
"""One of those that run the same, such as the stores."""
ENOUGH = 10
UNITS, QUANTITY = 30, 2
"""Of each product: what inventory may promise, and what an order wants. So the first 15 orders get all they want."""


@asynccontextmanager
async def orders_being_placed(shops: Sequence[Shop]) -> AsyncIterator[list[str]]:
    """Orders without a pause, whatever the service answers; the ids of those it took, as they come."""
    customer, address = shops[0].customer, shops[0].address
    lines = [{"sku": shop.sku, "quantity": QUANTITY, "deliveryAddressId": address["id"]} for shop in shops]
    order = {"customerId": customer["id"], "lines": lines}
    taken: list[str] = []

    async def place() -> None:
        async with client("orders") as http:
            while True:
                try:
                    answer = await http.post("/orders", json=order, headers=a_key())
                    if answer.status_code == 201:
                        taken.append(answer.json()["id"])
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.02)

    placing = [asyncio.create_task(place()) for _ in range(2)]
    try:
        yield taken
    finally:
        for task in placing:
            task.cancel()
        await asyncio.gather(*placing, return_exceptions=True)


@pytest.mark.parametrize("name", KILLED)
async def test_it_comes_back_and_nothing_is_lost(system: dict[str, str], name: str) -> None:
    if name not in [program.name for program in ours(system)]:
        pytest.skip("this server is not ours here")
    before = _process(system, name)
    shops = [await a_shop(UNITS) for _ in range(3)]

    async with orders_are_sourced():
        async with orders_being_placed(shops) as taken:
            await eventually(lambda: _at_least(ENOUGH, taken))
            os.kill(before["pid"], signal.SIGKILL)
            await eventually(lambda: _is_back(system, name, before["pid"]))
            await asyncio.to_thread(stack.up, system, say=lambda _: None)  # starts nothing, waits until all are ready
            so_far = len(taken)
            await eventually(lambda: _at_least(so_far + ENOUGH, taken))
        confirmed, placed = await eventually(lambda: _decided(shops[0].customer["id"]))
        assert confirmed == min(placed, UNITS // QUANTITY)
        for shop in shops:
            await shop.has(on_hand=UNITS + SAFETY_MARGIN, committed=QUANTITY * confirmed)
        assert await violations() == []

    await eventually(assert_views_equal_mysql)


async def _decided(customer_id: str) -> tuple[int, int]:
    """How many of the customer's orders are confirmed, and how many there are, once each is decided."""
    statuses = [
        row["status"]
        for row in await rows_by_hand("orders", "SELECT status FROM `order` WHERE customer_id = %s", [customer_id])
    ]
    assert {*statuses} <= {"confirmed", "rejected"}
    return statuses.count("confirmed"), len(statuses)


def _process(system: dict[str, str], name: str) -> dict[str, Any]:
    return supervisor.states(system)[name]


def _at_least(number: int, taken: list[str]) -> None:
    assert len(taken) >= number


def _is_back(system: dict[str, str], name: str, killed: int) -> None:
    now = _process(system, name)
    assert now["statename"] == "RUNNING"
    assert now["pid"] != killed
