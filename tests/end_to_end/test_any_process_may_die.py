"""`kill -9` of any one process while orders are being placed: it comes back, and no view differs from MySQL."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from local import stack, supervisor
from local.programs import PROGRAMS, ours
from tests.support.builders import a_customer, a_key, a_product, an_address, client
from tests.support.comparison import assert_views_equal_mysql
from tests.support.eventually import eventually

pytestmark = pytest.mark.drill

KILLED = [program.name for program in PROGRAMS if not program.once]
ENOUGH = 10


@asynccontextmanager
async def orders_being_placed() -> AsyncIterator[list[str]]:
    """Orders without a pause, whatever the service answers; the ids of those it took, as they come."""
    customer = await a_customer()
    address = await an_address(customer)
    products = [await a_product() for _ in range(3)]
    lines = [{"sku": product["sku"], "quantity": 2, "deliveryAddressId": address["id"]} for product in products]
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

    async with orders_being_placed() as taken:
        await eventually(lambda: _at_least(ENOUGH, taken))
        os.kill(before["pid"], signal.SIGKILL)
        await eventually(lambda: _is_back(system, name, before["pid"]))
        await asyncio.to_thread(stack.up, system, say=lambda _: None)  # starts nothing, waits until all are ready
        so_far = len(taken)
        await eventually(lambda: _at_least(so_far + ENOUGH, taken))

    await eventually(assert_views_equal_mysql)


def _process(system: dict[str, str], name: str) -> dict[str, Any]:
    return supervisor.states(system)[name]


def _at_least(number: int, taken: list[str]) -> None:
    assert len(taken) >= number


def _is_back(system: dict[str, str], name: str, killed: int) -> None:
    now = _process(system, name)
    assert now["statename"] == "RUNNING"
    assert now["pid"] != killed
