"""A server that speaks MySQL's protocol and answers each statement when and as a test says.

The real server cannot be stopped between the execution of COMMIT and its answer.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress

MORE_RESULTS, IN_TRANSACTION, AUTOCOMMIT = 8, 1, 2

Answer = Callable[[str], Awaitable[int | None]]
"""The error number with which a statement is answered, None for success. Raises ConnectionError to close."""


class ScriptedServer:
    """Answers each statement by `answer` once `is_scripted`; `received` has those statements."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._server: asyncio.Server | None = None
        self.received: list[str] = []
        self.is_scripted = False

    async def start(self) -> int:
        """Begin to listen. Returns the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def stop(self) -> None:
        """Accept no more connections."""
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            writer.write(_packet(0, _handshake()))
            await _read(reader)
            writer.write(_packet(2, _ok(AUTOCOMMIT)))
            while (body := await _read(reader))[0] == 3:
                await self._execute(body[1:].decode(), writer)
        writer.close()

    async def _execute(self, sql: str, writer: asyncio.StreamWriter) -> None:
        statements = [part.strip() for part in sql.split(";")]
        self.received += statements if self.is_scripted else []
        for number, statement in enumerate(statements, 1):
            error = await self._answer(statement) if self.is_scripted else None
            if error is not None:
                writer.write(_packet(number, b"\xff" + struct.pack("<H", error) + b"#HY000no"))
                return
            status = AUTOCOMMIT | (0 if statement in ("COMMIT", "ROLLBACK") or not self.is_scripted else IN_TRANSACTION)
            more = MORE_RESULTS if number < len(statements) else 0
            writer.write(_packet(number, _ok(status | more)))


def _ok(status: int) -> bytes:
    return b"\0\0\0" + struct.pack("<HH", status, 0)


def _packet(number: int, body: bytes) -> bytes:
    return len(body).to_bytes(3, "little") + bytes([number]) + body


def _handshake() -> bytes:
    capabilities = 0x0008_F7FF  # with the name of the authentication, without TLS
    low, high = struct.pack("<H", capabilities & 0xF7FF), struct.pack("<H", capabilities >> 16)
    head = b"\x0a8.4.0\0" + struct.pack("<I", 1) + b"12345678\0" + low
    return (
        head
        + b"\x2d"
        + struct.pack("<H", AUTOCOMMIT)
        + high
        + b"\x15"
        + bytes(10)
        + b"123456789012\0"
        + (b"mysql_native_password\0")
    )


async def _read(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(4)
    return await reader.readexactly(int.from_bytes(head[:3], "little"))
