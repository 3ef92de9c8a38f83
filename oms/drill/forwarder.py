"""A TCP forwarder between a process and Kafka, whose connections can be cut."""

from __future__ import annotations

import asyncio
import struct
from contextlib import suppress

from chassis import tasks

_SIZE = struct.Struct(">i")
_FAILURES = (OSError, asyncio.IncompleteReadError)


class Forwarder:
    """Forwards connections to a broker. Call `close` at the end.

    A client connects to the addresses in the broker's responses, so they are replaced by that of the forwarder.
    """

    def __init__(self, host: str, port: int) -> None:
        self._broker = host, port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self._is_cut = False

    @property
    def port(self) -> int:
        """The port on which it listens on 127.0.0.1, once it has started."""
        assert self._server is not None
        number: int = self._server.sockets[0].getsockname()[1]
        return number

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def cut(self) -> None:
        """Close all connections, and from now on each new one."""
        self._is_cut = True
        await tasks.end(*self._open)

    def join(self) -> None:
        """Forward new connections again."""
        self._is_cut = False

    async def close(self) -> None:
        """Close all connections and stop listening."""
        await self.cut()
        if self._server is not None:
            self._server.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            if not self._is_cut:
                await self._forward(reader, writer)
        except asyncio.CancelledError:
            pass  # cut
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(*_FAILURES):
            of_broker, to_broker = await asyncio.open_connection(*self._broker)
            requests = asyncio.create_task(_copy(reader, to_broker))
            responses = asyncio.create_task(self._copy_responses(of_broker, writer))
            try:
                await asyncio.wait({requests, responses}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await tasks.end(requests, responses)
                to_broker.transport.abort()

    async def _copy_responses(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = self._broker
        address, own = host.encode() + _SIZE.pack(port), host.encode() + _SIZE.pack(self.port)
        with suppress(*_FAILURES):
            while True:
                size = await reader.readexactly(_SIZE.size)
                response = await reader.readexactly(*_SIZE.unpack(size))
                writer.write(size + response.replace(address, own))
                await writer.drain()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(*_FAILURES):
        while some := await reader.read(65536):
            writer.write(some)
            await writer.drain()
