"""Orders are placed by several processes, which are killed: none is lost, and none is placed twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from chassis.databases.mysql import Database
from tests.support.eventually import eventually
from tests.support.shop.builders import client
from tests.support.shop.small_shop import ANA, body, open_shop
from tests.support.system.processes import process

CLIENTS = 16
ORDERS = 400
KILLS = 3


async def placed(keys: list[str], numbers: dict[str, str]) -> None:
    """Place an order for each key, and retry what failed as a connection error, as a client does."""
    while keys:
        key = keys.pop()
        while key not in numbers:
            async with client("orders") as http:
                try:
                    answer = await http.post("/orders", json=body(), headers={"Idempotency-Key": key})
                except httpx.TransportError:
                    continue
            assert answer.status_code in (201, 409), answer.text
            if answer.status_code == 201:
                numbers[key] = answer.json()["number"]
            else:
                assert answer.json()["type"] == "urn:oms:problem:request-in-flight"


async def kill_one(parent: int) -> None:
    """Kill a process that serves requests; one that has ended has no command line until its parent restarts it."""

    def kill() -> None:
        pids = [int(each) for each in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
        try:
            victim = random.choice([each for each in pids if Path(f"/proc/{each}/cmdline").read_bytes()])
            os.kill(victim, signal.SIGKILL)
        except (OSError, IndexError) as error:
            raise AssertionError("it has just been restarted, or none is running") from error

    await eventually(kill)


async def test_killed_processes_lose_nothing(
    own_database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OMS_ORDERS_PROCESSES", "2")
    keys, numbers, log = [str(uuid4()) for _ in range(ORDERS)], dict[str, str](), tmp_path / "log"

    def more_are_placed(than: int) -> None:
        assert len(numbers) > than

    async with open_shop(own_database), process("orders", log) as service:
        clients = [asyncio.create_task(placed(keys, numbers)) for _ in range(CLIENTS)]
        for kill in range(KILLS):
            least = (kill + 1) * ORDERS // (KILLS + 2)
            await eventually(partial(more_are_placed, least))
            await kill_one(service.pid)
        await asyncio.gather(*clients)
        service.terminate()
        exit_code = await service.wait()

    async with own_database.reading() as connection:
        sql = "SELECT number FROM `order` WHERE customer_id = %s"
        there = [str(row["number"]) for row in await connection.fetch_all(sql, [str(ANA)])]
    assert sorted(there) == sorted(numbers.values())
    assert len(set(there)) == ORDERS
    assert exit_code == 0
    assert log.read_text().count("process ended, restarting") == KILLS
