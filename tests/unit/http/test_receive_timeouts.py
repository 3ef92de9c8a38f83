"""A connection whose client does not send a request, or too slowly, is closed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from chassis.http.serving.protocol import Protocol, WebSocketProtocol
from chassis.http.serving.receive_timeouts import LEAST_BYTES_PER_S, ReceiveTimeouts, ReceiveTimer
from tests.support.eventually import eventually

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
NEVER_S = 1000.0

HEAD = b"POST / HTTP/1.1\r\nHost: app\r\n"
WHOLE = HEAD + b"Content-Length: 2\r\n\r\nab"
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: app\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


class App:
    """Answers with the body's length; at /unread without reading it, at /held once `held` is set."""

    def __init__(self) -> None:
        self.has_begun = asyncio.Event()
        self.held = asyncio.Event()
        self.has_lost_a_client = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            while (await receive())["type"] != "websocket.disconnect":
                pass
            return
        self.has_begun.set()
        if scope["path"] == "/held":
            await self.held.wait()
        try:
            length = 0 if scope["path"] == "/unread" else len(await Request(scope, receive).body())
        except ClientDisconnect:
            self.has_lost_a_client = True
            return
        await PlainTextResponse(f"{length} bytes")(scope, receive, send)


@asynccontextmanager
async def connected(
    timeouts: ReceiveTimeouts, app: App | None = None, made: list[Protocol] | None = None
) -> AsyncIterator[Connection]:
    class Timed(Protocol):
        receive_timeouts = timeouts

    def protocol() -> Protocol:
        of_client = Timed(config, state, {})
        if made is not None:
            made.append(of_client)
        return of_client

    config = uvicorn.Config(
        app or App(),
        log_config=None,
        ws=WebSocketProtocol,
        ws_ping_interval=None,
        timeout_keep_alive=timeouts.idle_s,  # type: ignore[arg-type]
    )
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        yield reader, writer
        writer.close()


HEADS = ReceiveTimeouts(head_s=0.05, body_s=NEVER_S, idle_s=NEVER_S)
BODIES = ReceiveTimeouts(head_s=NEVER_S, body_s=0.05, idle_s=NEVER_S)
IDLE = ReceiveTimeouts(head_s=NEVER_S, body_s=NEVER_S, idle_s=0.05)


@pytest.mark.parametrize(("timeouts", "before"), [(HEADS, b""), (IDLE, WHOLE)])
async def test_an_idle_connection_is_closed_without_a_word(timeouts: ReceiveTimeouts, before: bytes) -> None:
    async with connected(timeouts) as (reader, writer):
        writer.write(before)
        answer = await reader.read()  # until the connection is closed

    assert answer.endswith(b"2 bytes" if before else b"")
    assert b" 408 " not in answer


@pytest.mark.parametrize(
    ("timeouts", "sent", "what"),
    [
        (HEADS, b"P", "head"),
        (HEADS, HEAD, "head"),
        (HEADS, WHOLE + HEAD, "head"),
        (BODIES, HEAD + b"Content-Length: 100\r\n\r\n", "body"),
        (BODIES, HEAD + b"Content-Length: 100\r\n\r\nab", "body"),
        (BODIES, HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", "body"),
        (BODIES, HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-Trailer: a", "body"),
        (BODIES, WHOLE + HEAD + b"Content-Length: 100\r\n\r\nab", "body"),
    ],
)
async def test_a_request_that_does_not_arrive_is_refused(timeouts: ReceiveTimeouts, sent: bytes, what: str) -> None:
    app = App()
    async with connected(timeouts, app) as (reader, writer):
        writer.write(sent)
        answer = await reader.read()

    head, _, body = answer[answer.index(b"HTTP/1.1 408 Request Timeout") :].partition(b"\r\n\r\n")
    problem = json.loads(body)
    assert b"\r\nconnection: close" in head
    assert (problem["type"], problem["detail"]) == (
        "urn:oms:problem:request-timeout",
        f"The {what} of the request did not arrive in time.",
    )
    assert app.has_lost_a_client == (what == "body")


async def test_a_body_that_is_not_read_does_not_keep_its_connection() -> None:
    async with connected(BODIES) as (reader, writer):
        writer.write(b"POST /unread HTTP/1.1\r\nHost: app\r\nContent-Length: 100\r\n\r\nab")
        answer = await reader.read()

    assert answer.endswith(b"0 bytes")


async def test_a_body_that_trickles_is_refused() -> None:
    async with connected(BODIES) as (reader, writer):
        writer.write(HEAD + b"Content-Length: 100000\r\n\r\n")
        trickling = asyncio.create_task(_trickle(writer))
        try:
            answer = await reader.read()
        except ConnectionResetError:  # what it sends after the end may come before it reads the answer
            answer = b"HTTP/1.1 408 "
        trickling.cancel()

    assert answer.startswith(b"HTTP/1.1 408 ")


async def _trickle(writer: asyncio.StreamWriter) -> None:
    while not writer.transport.is_closing():
        writer.write(b"a")
        await asyncio.sleep(BODIES.body_s / 5)


async def test_a_body_that_arrives_slowly_is_waited_for() -> None:
    told: list[str] = []
    timeouts = ReceiveTimeouts(body_s=NEVER_S)
    timer = ReceiveTimer(timeouts, lambda: False, told.append)
    for _ in range(3):
        timer.await_body(int(LEAST_BYTES_PER_S * timeouts.body_s))
        timer._expire()
        assert told == []

    timer.await_body(int(LEAST_BYTES_PER_S * timeouts.body_s) - 1)
    timer._expire()

    assert told == ["body"]


@pytest.mark.parametrize(
    ("first", "rest"),
    [
        (b"Content-Length: 0\r\n\r\nPOST / HTTP/1.1\r\nHo", b"st: app\r\nContent-Length: 0\r\n\r\n"),
        (b"Content-Length: 100000\r\n\r\n" + b"a" * 99_999, b"a"),
        (b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", b"ab"),
    ],
    ids=["behind another request", "not read", "not asked for"],
)
async def test_a_client_that_waits_for_us_is_not_timed_out(first: bytes, rest: bytes) -> None:
    app, made = App(), list[Protocol]()
    async with connected(ReceiveTimeouts(NEVER_S, NEVER_S, NEVER_S), app, made) as (reader, writer):
        writer.write(b"POST /held HTTP/1.1\r\nHost: app\r\n" + first)
        await app.has_begun.wait()
        await eventually(lambda: is_received(made[0], first))
        for _ in range(3):
            made[0]._receiving._expire()
        app.held.set()
        if b"Expect" in first:
            await reader.readuntil(b"100 Continue\r\n\r\n")
        writer.write(rest)

        assert b" 200 OK" in await reader.readuntil(b" bytes")


def is_received(protocol: Protocol, sent: bytes) -> None:
    assert protocol._receiving.is_running
    assert protocol.flow.read_paused or len(sent) < 1000


async def test_a_websocket_has_no_timeout_of_requests() -> None:
    made = list[Protocol]()
    async with connected(HEADS, None, made) as (reader, writer):
        writer.write(UPGRADE)
        await reader.readuntil(b"\r\n\r\n")

        assert not made[0]._receiving.is_running
