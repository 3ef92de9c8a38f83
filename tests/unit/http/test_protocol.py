"""What a connection takes, on a socket of its own, and how answers leave."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import ref

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from chassis.http.serving.protocol import MAX_HEAD_BYTES, SEND_RESPONSE, Protocol, WebSocketProtocol
from tests.support.eventually import eventually

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
HEAD = b"POST / HTTP/1.1\r\nHost: app\r\n"


async def how_long(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers by ASGI's messages, or below /whole by the extension."""
    body = b"%d bytes" % len(await Request(scope, receive).body())
    if scope["path"] == "/whole":
        scope["extensions"][SEND_RESPONSE]["send"](200, [(b"content-length", b"%d" % len(body))], body)
    else:
        await PlainTextResponse(body)(scope, receive, send)


@asynccontextmanager
async def connected() -> AsyncIterator[Connection]:
    config, state = uvicorn.Config(how_long, log_config=None), ServerState()
    server = await asyncio.get_running_loop().create_server(lambda: Protocol(config, state, {}), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        yield reader, writer
        writer.close()


async def status(reader: asyncio.StreamReader) -> bytes:
    return (await reader.readline()).split()[1]


async def test_a_head_that_does_not_end_is_refused() -> None:
    async with connected() as (_, writer):
        writer.write(HEAD + b"X-Long: ")

        async def send_on() -> None:
            for _ in range(200):
                writer.write(b"a" * 100_000)
                await writer.drain()

        with pytest.raises(ConnectionError):
            await send_on()


@pytest.mark.parametrize("rubbish", [b"rubbish\r\n", b"FOO / HTTP/1.1\r\n", HEAD + b"Content-Length: -1\r\n"])
async def test_what_is_no_http_is_told_as_a_problem(rubbish: bytes) -> None:
    async with connected() as (reader, writer):
        writer.write(rubbish + b"\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json")
    assert json.loads(body)["type"] == "urn:oms:problem:bad-request"


async def test_a_body_may_be_longer_than_a_head() -> None:
    body = b"a" * (10 * MAX_HEAD_BYTES)
    async with connected() as (reader, writer):
        for _ in range(2):
            writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % len(body))
            for start in range(0, len(body), 1000):
                writer.write(body[start : start + 1000])
                await writer.drain()

            assert await status(reader) == b"200"
            told = f"{len(body)} bytes".encode()
            assert (await reader.readuntil(told)).endswith(told)


class Recording(asyncio.Transport):
    """A connection that keeps what is written to it, each piece as it is written."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1)})
        self.written: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return False


def is_answered(transport: Recording, body: bytes) -> None:
    assert b"".join(transport.written).endswith(body)


def request(path: str, body: bytes, more: bytes = b"") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: app\r\nContent-Length: {len(body)}\r\n".encode()
    return head + more + b"\r\n" + body


@pytest.mark.parametrize("path", ["/", "/whole"])
async def test_an_answer_is_sent_as_one_piece_with_its_head(path: str) -> None:
    transport = Recording()
    protocol = Protocol(uvicorn.Config(how_long, log_config=None), ServerState(), {})
    protocol.connection_made(transport)

    protocol.data_received(request(path, b"abc"))

    await eventually(lambda: is_answered(transport, b"3 bytes"))
    assert len(transport.written) == 1


@pytest.mark.parametrize("path", ["/", "/whole"])
async def test_a_request_that_is_answered_leaves_nothing_to_the_collector(path: str) -> None:
    transport = Recording()
    protocol = Protocol(uvicorn.Config(how_long, log_config=None), ServerState(), {})
    protocol.connection_made(transport)
    gc.disable()
    try:
        protocol.data_received(request(path, b"abc"))
        first = ref(protocol.cycle)
        await eventually(lambda: is_answered(transport, b"3 bytes"))
        protocol.data_received(request(path, b"abcd"))
        await eventually(lambda: is_answered(transport, b"4 bytes"))
        assert first() is None
    finally:
        gc.enable()


async def test_requests_sent_together_are_answered_in_their_order_however_that_is_done() -> None:
    paths = ["/", "/whole", "/whole", "/", "/whole"]
    async with connected() as (reader, writer):
        writer.write(b"".join(request(path, b"a" * number) for number, path in enumerate(paths)))

        answers = [await reader.readuntil(b" bytes") for _ in paths]

    assert [answer.rpartition(b"\r\n\r\n")[2] for answer in answers] == [b"%d bytes" % n for n in range(len(paths))]


@pytest.mark.parametrize("path", ["/", "/whole"])
async def test_who_wants_the_connection_closed_is_told_and_served(path: str) -> None:
    async with connected() as (reader, writer):
        writer.write(request(path, b"abc", b"Connection: close\r\n"))
        answer = await reader.read()

    assert b"\r\nconnection: close\r\n" in answer
    assert answer.endswith(b"\r\n\r\n3 bytes")


async def accepts_and_waits(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


PINGS = 100_000


def ping(number: int) -> bytes:
    """A frame of 125 bytes that are the number, with a mask of zeros."""
    return b"\x89\xfd" + bytes(4) + b"%125d" % number


async def test_pongs_that_are_not_taken_are_not_kept_and_the_last_ping_is_answered() -> None:
    made: list[WebSocketProtocol] = []
    config, state = uvicorn.Config(accepts_and_waits, log_config=None, ws_ping_interval=None), ServerState()

    def protocol() -> WebSocketProtocol:
        made.append(WebSocketProtocol(config, state, {}))
        return made[-1]

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    async with server:
        # What the system would keep for who does not read is its own affair, and on some machines all these pings.
        server.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        client.connect(server.sockets[0].getsockname())
        reader, writer = await asyncio.open_connection(sock=client, limit=4096)
        writer.write(
            b"GET / HTTP/1.1\r\nHost: app\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        await reader.readuntil(b"\r\n\r\n")
        most = 0
        for number in range(PINGS):
            writer.write(ping(number))
            if number % 100 == 0:
                await writer.drain()
                most = max(most, made[0].transport.get_write_buffer_size())
        await writer.drain()
        assert 0 < most < 2_000_000

        last = struct.pack("!BB", 0x8A, 125) + b"%125d" % (PINGS - 1)
        while await reader.readexactly(len(last)) != last:
            pass
        writer.close()
