"""The forwarder of a drill: a client that connects to what the broker names stays behind it, and can be cut off."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from oms.drill.forwarder import Forwarder

HOST = "127.0.0.1"


def frame(body: bytes) -> bytes:
    return struct.pack(">i", len(body)) + body


class Broker:
    """Answers each request with it, and with its own address, in two parts that are cut in the middle of that."""

    def __init__(self) -> None:
        self.port = 0
        self.open = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        with closing(writer):
            while request := await reader.read(100):
                answer = frame(request + HOST.encode() + struct.pack(">i", self.port) + b"!")
                for part in (answer[:-8], answer[-8:]):
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0)


@pytest.fixture
async def broker() -> AsyncIterator[Broker]:
    made = Broker()
    server = await asyncio.start_server(made.answer, HOST, 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


@pytest.fixture
async def forwarder(broker: Broker) -> AsyncIterator[Forwarder]:
    made = Forwarder(HOST, broker.port)
    await made.start()
    yield made
    await made.close()


class Client:
    """A connection to the forwarder."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    @classmethod
    async def of(cls, forwarder: Forwarder) -> Client:
        return cls(*await asyncio.open_connection(HOST, forwarder.port))

    async def ask(self, request: bytes) -> bytes:
        self.writer.write(request)
        [size] = struct.unpack(">i", await self._reader.readexactly(4))
        return await self._reader.readexactly(size)

    async def is_closed(self) -> bool:
        try:
            return not await self._reader.read()
        except ConnectionResetError:
            return True


async def test_a_client_is_sent_to_the_forwarder_and_not_to_the_broker(broker: Broker, forwarder: Forwarder) -> None:
    client = await Client.of(forwarder)

    for request in (b"first", b"second"):
        assert await client.ask(request) == request + HOST.encode() + struct.pack(">i", forwarder.port) + b"!"
    assert forwarder.port != broker.port
    client.writer.close()


async def test_a_cut_closes_what_is_open_and_what_comes_until_it_is_joined(
    broker: Broker, forwarder: Forwarder
) -> None:
    client = await Client.of(forwarder)
    await client.ask(b"before")

    await forwarder.cut()
    assert await client.is_closed()
    assert await (await Client.of(forwarder)).is_closed()
    assert broker.open == 1

    forwarder.join()
    again = await Client.of(forwarder)
    assert (await again.ask(b"after")).startswith(b"after")
    again.writer.close()
