"""A keep-alive connection to a service, whose requests cost the client little."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import msgspec

_HEAD = (
    b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nX-Client-Id: benchmark\r\n"
    b"Idempotency-Key: %s\r\nContent-Length: %d\r\n\r\n%s"
)

_BARE = b"%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Client-Id: benchmark\r\n\r\n"


class Connection:
    """One client of a service. It sends its next request after the response to the last one."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> Connection:
        """Connect to the service at this port."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def post(self, path: bytes, value: object) -> tuple[int, bytes]:
        """The status and the body of the response to a POST with this JSON and a new Idempotency-Key."""
        body = msgspec.json.encode(value)
        return await self._response(_HEAD % (path, str(uuid4()).encode(), len(body), body))

    async def get(self, path: bytes) -> tuple[int, bytes]:
        """The status and the body of the response to a GET."""
        return await self._response(_BARE % (b"GET", path))

    async def delete(self, path: bytes) -> tuple[int, bytes]:
        """The status and the body of the response to a DELETE."""
        return await self._response(_BARE % (b"DELETE", path))

    async def _response(self, request: bytes) -> tuple[int, bytes]:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        return int(head[9:12]), await self._reader.readexactly(length)
