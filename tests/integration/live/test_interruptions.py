"""Clients that take nothing, a gateway that ends or is killed, Kafka that is away: each change is told once."""

from __future__ import annotations

import asyncio
import signal
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.errors import KafkaError
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from contracts.orders import OrderGraph
from tests.support.eventually import eventually
from tests.support.live.clients import (
    changes,
    document,
    hear,
    now,
    socket,
    subscribe,
    tell,
    told,
    until_closed,
    versions,
)
from tests.support.system.freezing import stopped
from tests.support.system.processes import process
from tests.support.views.read_model import ReadModel


async def test_a_client_that_comes_back_to_a_killed_gateway_misses_nothing(read_model: ReadModel) -> None:
    orders = [uuid4() for _ in range(20)]
    async with process("gateway") as first:
        after = await now()
        async with socket() as client:
            await subscribe(client, after=after)
            await versions(orders, 1)
            seen = await changes(client, 7)
            first.kill()
            heard, _ = await until_closed(client)
            seen += [message["payload"]["data"]["ordersChanged"] for message in heard]
    await versions(orders, 1, 2)
    async with process("gateway"), socket() as client:
        await subscribe(client, after=seen[-1]["cursor"])
        await versions(orders, 3)
        seen += await changes(client, 60 - len(seen))

    assert sorted(told(seen)) == sorted((order, version) for order in orders for version in (1, 2, 3))
    for order in orders:
        assert [version for each, version in told(seen) if each == order] == [1, 2, 3]


async def test_one_that_takes_nothing_is_told_and_left_and_the_others_are_not(
    read_model: ReadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_GATEWAY_SUBSCRIBER_BUFFER", "50")
    order, wide = uuid4(), "x" * 40_000
    query = """subscription ($after: String) { ordersChanged(after: $after) {
      cursor orderId version order { cancellationReason } } }"""
    async with process("gateway"), socket() as slow, socket() as quick:
        after = await now()
        await subscribe(slow, query=query, after=after)
        await subscribe(quick, after=after)
        hearing = asyncio.create_task(changes(quick, 800))
        for begin in range(1, 801, 100):
            await tell(*(document(order, begin + n, cancellationReason=wide) for n in range(100)))
        found = await hearing

        heard = await all_there_is(slow)
        before = [each["payload"]["data"]["ordersChanged"] for each in heard if each["type"] == "next"]
        async with socket() as back:
            await subscribe(back, after=before[-1]["cursor"])
            behind = await changes(back, 800 - len(before))

    assert [version for _, version in told(found)] == list(range(1, 801))
    assert [version for _, version in told(before + behind)] == list(range(1, 801))
    assert [each["payload"][0]["extensions"]["code"] for each in heard if each["type"] == "error"] in ([], ["TOO_SLOW"])
    assert len(before) < 800


async def all_there_is(on: ClientConnection) -> list[dict[str, Any]]:
    """All that a client who took nothing for a while finds: it is told that it was left out, or cut off."""
    found: list[dict[str, Any]] = []
    try:
        while not found or found[-1]["type"] == "next":
            found.append(await hear(on))
    except ConnectionClosed:
        pass
    return found


async def test_at_the_end_of_the_gateway_its_clients_are_told_to_come_back(read_model: ReadModel) -> None:
    async with process("gateway") as started, socket() as client:
        await subscribe(client, after=await now())
        await tell(document(uuid4(), 1))
        await changes(client, 1)
        started.send_signal(signal.SIGTERM)
        heard, closed_with = await until_closed(client)
        assert await started.wait() == 0

    assert [message["type"] for message in heard] == ["error"]
    assert heard[0]["payload"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert closed_with in (1001, 1012)


async def test_changes_come_again_after_kafka_was_away(servers: dict[str, str], read_model: ReadModel) -> None:
    order = uuid4()
    async with process("gateway"), socket() as client:
        await subscribe(client, after=await now())
        await tell(document(order, 1))
        seen = await changes(client, 1)
        with stopped(servers, "kafka"):
            await subscribe(client, "query", query="{ orders(first: 1) { nodes { id } } }")
            assert (await hear(client))["payload"]["data"] == {"orders": {"nodes": []}}
            assert (await hear(client))["type"] == "complete"
        await eventually(lambda: tell_again(document(order, 2)))
        seen += await changes(client, 1)

    assert told(seen) == [(order, 1), (order, 2)]


async def tell_again(order: OrderGraph) -> None:
    """To a Kafka that may not be there yet."""
    try:
        await tell(order)
    except KafkaError as error:
        raise AssertionError from error
