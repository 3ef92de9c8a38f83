"""Many buyers in several processes want the same units, which are sold once, whatever happens to the processes."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
import pytest

from tests.support.eventually import eventually
from tests.support.shop.builders import client
from tests.support.stock.inventory import availability, check_units, put_stock, put_store, reserve
from tests.support.system.processes import CHECKOUT, process

BUYERS = 50

OWNER = """
import asyncio, sys
from inventory.settings import database

async def main():
    async with database().transaction() as tx:
        await tx.execute("UPDATE availability SET reserved = 1 WHERE stock_id = %s", [sys.argv[1]])
        print("locked", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def bought(sku: str, units: int, key: str) -> int:
    """The status of the answer, once there is one: a buyer tries again as long as the service is unavailable."""

    async def buy() -> int:
        async with client("inventory") as http:
            try:
                answer = await reserve(http, (sku, units), key=key)
            except httpx.TransportError as error:
                raise AssertionError("the process has ended") from error
        assert answer.status_code != 503
        assert answer.json().get("type") != "urn:oms:problem:request-in-flight"
        status: int = answer.status_code
        return status

    found: int = await eventually(buy)
    return found


async def kill_one(parent: int) -> None:
    """Kill a process that serves requests."""

    def kill() -> None:
        pids = [int(each) for each in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
        try:
            os.kill(
                random.choice([each for each in pids if Path(f"/proc/{each}/cmdline").read_bytes()]), signal.SIGKILL
            )
        except (OSError, IndexError) as error:
            raise AssertionError("it has just been restarted") from error

    await eventually(kill)


async def test_a_process_that_stands_still_in_a_sale_holds_up_others_for_seconds(
    inventory_api: httpx.AsyncClient,
) -> None:
    """Its reservation is rolled back: the unit is there for the next buyer."""
    sku = f"paused {uuid4()}"
    stock_id = await put_stock(sku, 1)
    owner = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", OWNER, stock_id),
        cwd=CHECKOUT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert owner.stdout is not None
    assert await owner.stdout.readline() == b"locked\n"
    psutil.Process(owner.pid).suspend()

    async def is_bought() -> None:
        assert (await reserve(inventory_api, (sku, 1))).status_code == 201

    await eventually(is_bought)
    psutil.Process(owner.pid).kill()
    await owner.wait()
    assert (await availability(sku))["reserved"] == 1
    await check_units(sku)


async def test_the_last_units_are_sold_once(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_INVENTORY_PROCESSES", "3")
    last, few = (f"{name} {uuid4()}" for name in ("last", "few"))

    async with process("inventory") as service:
        await put_store()
        await put_stock(last, 1)
        await put_stock(few, 10)
        answers = await asyncio.gather(*(bought(last, 1, str(uuid4())) for _ in range(BUYERS)))
        keys = [str(uuid4()) for _ in range(BUYERS)]
        buyers = [asyncio.create_task(bought(few, 1, key)) for key in keys]
        await kill_one(service.pid)
        first = await asyncio.gather(*buyers)
        again = await asyncio.gather(*(bought(few, 1, key) for key in keys))

    assert Counter(answers) == {201: 1, 409: BUYERS - 1}
    assert Counter(first) == {201: 10, 409: BUYERS - 10}
    assert again == first
    for sku, units in ((last, 1), (few, 10)):
        assert (await availability(sku))["reserved"] == units
        await check_units(sku)
