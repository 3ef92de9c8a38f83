"""Clients of streams and sockets that take too long, go, or say nothing: their statements and connections end."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import pytest
from websockets.asyncio.client import connect

from chassis import addresses
from tests.integration.gateway.test_gives_up import nobody_waits, somebody_waits
from tests.support.eventually import eventually
from tests.support.live.clients import hear, socket, subscribe, until_closed
from tests.support.shop.builders import client
from tests.support.system.locking import locked
from tests.support.system.processes import process
from tests.support.views.read_model import ReadModel

BY_LOADER = f'{{ order(id: "{uuid4()}") {{ id }} __typename @include(if: true) nodes(ids: []) {{ id }} }}'
BY_PAGE = "{ orders { edges { cursor } } }"
UPGRADE = (
    b"GET /graphql HTTP/1.1\r\nHost: app\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
STREAM = {"Accept": "text/event-stream"}


@pytest.mark.parametrize("query", [BY_LOADER, BY_PAGE])
async def test_a_query_that_takes_too_long_ends_on_every_transport(
    read_model: ReadModel, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setenv("OMS_GATEWAY_TIMEOUT_S", "0.5")
    monkeypatch.setenv("OMS_POSTGRES_TIMEOUT_S", "1000")
    async with process("gateway"), client("gateway") as http, socket() as on:
        async with locked("sales_order"):
            asking = asyncio.create_task(http.post("/graphql", json={"query": query}, headers=STREAM))
            await subscribe(on, query=query)
            await eventually(somebody_waits)
            streamed, refused = await asking, await hear(on)
            await eventually(nobody_waits)
        await subscribe(on, query=query)
        later = await hear(on)

    data = next(line for line in streamed.text.splitlines() if line.startswith("data: "))
    assert json.loads(data[6:])["errors"][0]["extensions"]["code"] == "TIMEOUT"
    assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "TIMEOUT")
    assert later["type"] == "next"


@pytest.mark.parametrize("query", [BY_LOADER, BY_PAGE])
async def test_when_the_client_goes_its_statement_is_cancelled(
    read_model: ReadModel, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setenv("OMS_GATEWAY_TIMEOUT_S", "1000")
    monkeypatch.setenv("OMS_POSTGRES_TIMEOUT_S", "1000")
    async with process("gateway"), locked("sales_order"):
        async with client("gateway") as http:
            asking = asyncio.create_task(http.post("/graphql", json={"query": query}, headers=STREAM))
            await eventually(somebody_waits)
            asking.cancel()  # this closes its connection
            await asyncio.wait((asking,))
        await eventually(nobody_waits)
        async with socket() as on:
            await subscribe(on, query=query)
            await eventually(somebody_waits)
        await eventually(nobody_waits)
        async with socket() as on:
            await subscribe(on, query=query)
            await eventually(somebody_waits)
            await on.send('{"type": "complete", "id": "1"}')
            await eventually(nobody_waits)


async def test_operations_of_streams_and_sockets_count_against_the_rate_limit(
    read_model: ReadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_RATE_LIMIT", "4/day")
    headers = {**STREAM, "X-Client-Id": f"{uuid4()}"}
    url = addresses.url("gateway").replace("http", "ws") + "/graphql"
    async with (
        process("gateway"),
        client("gateway") as http,
        connect(url, subprotocols=["graphql-transport-ws"], additional_headers=headers) as on,  # type: ignore[list-item]
    ):
        streamed = [await http.post("/graphql", json={"query": "{ __typename }"}, headers=headers) for _ in range(2)]
        await on.send('{"type": "connection_init"}')
        await hear(on)
        heard = []
        for number in range(3):
            await subscribe(on, f"{number}", "{ __typename }")
            heard += [await hear(on)] if number == 2 else [await hear(on), await hear(on)]
        refused = await http.post("/graphql", json={"query": "{ __typename }"}, headers=headers)

    assert all('"data":{' in answer.text for answer in streamed)
    assert [each["type"] for each in heard] == ["next", "complete"] * 2 + ["error"]
    assert heard[-1]["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert "RATE_LIMITED" in refused.text
    assert int(refused.headers["Retry-After"]) * 1000 == int(refused.text.partition("retry: ")[2].split()[0])


async def test_a_socket_that_says_nothing_is_closed(monkeypatch: pytest.MonkeyPatch, read_model: ReadModel) -> None:
    monkeypatch.setenv("OMS_GATEWAY_INIT_TIMEOUT_S", "0.2")
    url = addresses.url("gateway").replace("http", "ws") + "/graphql"
    async with process("gateway"), connect(url, subprotocols=["graphql-transport-ws"]) as on:  # type: ignore[list-item]
        assert (await until_closed(on))[1] == 4408


async def test_idle_sockets_are_pinged_and_closed_without_a_pong(
    monkeypatch: pytest.MonkeyPatch, read_model: ReadModel
) -> None:
    monkeypatch.setenv("OMS_WEBSOCKET_PING_S", "0.3")
    async with process("gateway"), socket() as alive:
        reader, writer = await asyncio.open_connection(addresses.host("gateway"), addresses.port("gateway"))
        writer.write(UPGRADE)
        await reader.readuntil(b"\r\n\r\n")
        frames = await reader.read()  # until it is closed
        writer.close()
        await subscribe(alive, query="{ __typename }")
        heard = await hear(alive)

    assert frames[0] == 0x89  # a ping
    assert heard["type"] == "next"


@pytest.mark.parametrize("service", ["gateway", "customers"])
@pytest.mark.parametrize(
    "sent",
    [b"", b"POST /graphql HTTP/1.1\r\nHost: x\r\n", b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"],
    ids=["nothing", "half a head", "idle"],
)
async def test_every_service_closes_connections_that_do_nothing(
    read_model: ReadModel, monkeypatch: pytest.MonkeyPatch, service: str, sent: bytes
) -> None:
    monkeypatch.setenv("OMS_HTTP_HEAD_TIMEOUT_S", "0.5")
    monkeypatch.setenv("OMS_HTTP_IDLE_TIMEOUT_S", "0.5")
    async with process(service):
        reader, writer = await asyncio.open_connection(addresses.host(service), addresses.port(service))
        writer.write(sent)
        answer = await reader.read()  # until it is closed
        writer.close()

    assert answer[9:12] == {b"": b"", b"P": b"408", b"G": b"200"}[sent[:1]]


async def test_every_service_closes_connections_with_slow_bodies(
    read_model: ReadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_HTTP_BODY_TIMEOUT_S", "0.5")
    head = b"POST /customers HTTP/1.1\r\nHost: x\r\nIdempotency-Key: a\r\nContent-Type: application/json\r\n"
    async with process("customers"):
        reader, writer = await asyncio.open_connection(addresses.host("customers"), addresses.port("customers"))
        writer.write(head + b'Content-Length: 100\r\n\r\n{"name": ')
        answer = await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.1 408 ")
