"""Clients that take nothing, on real sockets: the gateway cuts them off, forgets them and goes on for the others."""

from __future__ import annotations

import json
import socket as sockets
from asyncio import get_running_loop
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from errno import ECONNRESET
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect

from chassis import addresses
from tests.support.eventually import eventually
from tests.support.live.clients import changes, document, now, socket, subscribe, tell
from tests.support.shop.builders import client
from tests.support.system.processes import process
from tests.support.views.read_model import ReadModel

SMALL = 4096
"""The receive buffer of a client that takes nothing."""

WIDE = """subscription ($after: String) { ordersChanged(after: $after) {
  cursor orderId version order { cancellationReason } } }"""

CUT_WITHIN_S = 20
"""Sooner than what would end them otherwise: the system after 30 s without progress, a ping after 40 s without pong."""


@pytest.mark.parametrize("buffer", ["100", "100000"], ids=["left out", "served until the end"])
async def test_a_client_that_takes_nothing_is_cut_and_the_others_hear_everything(
    read_model: ReadModel, monkeypatch: pytest.MonkeyPatch, buffer: str
) -> None:
    monkeypatch.setenv("OMS_GATEWAY_SEND_TIMEOUT_S", "1")
    monkeypatch.setenv("OMS_GATEWAY_SUBSCRIBER_BUFFER", buffer)
    order, wide = uuid4(), "x" * 5_000
    async with process("gateway"), socket() as quick, a_stuck_socket() as one, a_stuck_stream() as other:
        await subscribe(quick, after=await now())
        await eventually(lambda: there_are(3))
        versions = []
        for begin in range(1, 3001, 100):
            await tell(*(document(order, begin + n, cancellationReason=wide) for n in range(100)))
            versions += [each["version"] for each in await changes(quick, 100)]
        assert versions == list(range(1, 3001))

        await eventually(lambda: there_are(1), CUT_WITHIN_S)
        await eventually(lambda: is_cut(one), CUT_WITHIN_S)
        await eventually(lambda: is_cut(other), CUT_WITHIN_S)

        await tell(document(order, 3001))
        assert [each["version"] for each in await changes(quick, 1)] == [3001]


def is_cut(connection: sockets.socket) -> None:
    """Seen without reading anything."""
    assert connection.getsockopt(sockets.SOL_SOCKET, sockets.SO_ERROR) == ECONNRESET


async def there_are(subscribers: int) -> None:
    async with client("gateway") as http:
        answer = await http.get("/metrics")
    [number] = [
        sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name == "oms_graphql_subscribers"
    ]
    assert number == subscribers


@asynccontextmanager
async def a_small_socket() -> AsyncIterator[sockets.socket]:
    address = urlsplit(addresses.url("gateway"))
    with sockets.socket() as made:
        made.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, SMALL)
        made.setblocking(False)
        await get_running_loop().sock_connect(made, (address.hostname, address.port))
        yield made


@asynccontextmanager
async def a_stuck_socket() -> AsyncIterator[sockets.socket]:
    """A WebSocket that subscribes and reads no more."""
    url = addresses.url("gateway").replace("http", "ws") + "/graphql"
    async with a_small_socket() as own:
        watched = own.dup()
        made = await connect(
            url,
            sock=own,
            subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
            ping_interval=None,
            compression=None,
        )
        try:
            await made.send('{"type": "connection_init"}')
            assert json.loads(await made.recv())["type"] == "connection_ack"
            made.transport.pause_reading()
            await subscribe(made, query=WIDE, after=await now())
            yield watched
        finally:
            made.transport.abort()
            watched.close()


@asynccontextmanager
async def a_stuck_stream() -> AsyncIterator[sockets.socket]:
    """A request for events whose answer is not read."""
    body = json.dumps({"query": WIDE, "variables": {"after": await now()}}).encode()
    head = (
        "POST /graphql HTTP/1.1\r\nHost: gateway\r\nAccept: text/event-stream\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    async with a_small_socket() as own:
        await get_running_loop().sock_sendall(own, head.encode() + body)
        yield own
