"""Reads that wait for a write, and a gateway that ends or is killed under them."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx
import pytest

from tests.support.eventually import eventually
from tests.support.shop.builders import client
from tests.support.system.processes import process
from tests.support.views.read_model import ReadModel

WHOSE_NAME = "query ($id: ID!) { customer(id: $id) { name } }"
_WAITING = re.compile(r'^oms_gateway_lookups_total\{view="the read model"\} (\S+)$', re.MULTILINE)


@pytest.fixture
async def gateway() -> AsyncIterator[httpx.AsyncClient]:
    async with client("gateway") as http:
        yield http


async def read(gateway: httpx.AsyncClient, customer: UUID) -> httpx.Response:
    """The customer as the gateway shows it once its first version is there."""
    asked = {"query": WHOSE_NAME, "variables": {"id": str(customer)}}
    headers = {"Consistency-Token": f"customer:{customer}:1", "Consistency-Timeout-Ms": "8000"}
    return await gateway.post("/graphql", json=asked, headers=headers)


async def reading(gateway: httpx.AsyncClient, customer: UUID) -> asyncio.Task[httpx.Response]:
    """The same, once the gateway has begun to wait."""
    waiting = asyncio.create_task(read(gateway, customer))
    await eventually(lambda: somebody_waits(gateway))
    return waiting


async def somebody_waits(gateway: httpx.AsyncClient) -> None:
    looks = _WAITING.search((await gateway.get("/metrics")).text)
    assert looks
    assert float(looks[1]) > 0


async def project(read_model: ReadModel, customer: UUID) -> None:
    """Show a customer, and say so as a projection does."""
    await read_model.customers({"customer_id": customer})
    await read_model._connection.execute("SELECT pg_notify('projected in ' || current_schema(), '')")


async def test_who_waits_when_the_gateway_is_to_end_is_still_answered(
    read_model: ReadModel, gateway: httpx.AsyncClient
) -> None:
    customer = uuid4()
    async with process("gateway") as started:
        waiting = await reading(gateway, customer)
        started.send_signal(signal.SIGTERM)
        await project(read_model, customer)
        answer = await waiting
        assert await started.wait() == 0

    assert answer.json()["data"] == {"customer": {"name": "Ana"}}


async def test_who_waits_when_the_gateway_is_killed_asks_the_next_one(
    read_model: ReadModel, gateway: httpx.AsyncClient
) -> None:
    customer = uuid4()
    async with process("gateway") as killed:
        waiting = await reading(gateway, customer)
        killed.kill()
        with pytest.raises(httpx.TransportError):
            await waiting
    async with process("gateway"):
        waiting = await reading(gateway, customer)
        await project(read_model, customer)
        answer = await waiting

    assert answer.json()["data"] == {"customer": {"name": "Ana"}}
