"""Bulk requests: sending them and reading their responses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from chassis import addresses

HEADERS = {"Content-Type": "application/x-ndjson"}


def lines(entries: Iterable[Any]) -> bytes:
    """JSON lines."""
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


async def bulk(client: httpx.AsyncClient, path: str, content: bytes) -> list[dict[str, Any]]:
    """The lines of a bulk response, whose status is always 200."""
    answer = await client.post(path, content=content, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == HEADERS["Content-Type"]
    return [json.loads(line) for line in answer.text.splitlines()]


class TwoWays:
    """A bulk request that is still being sent while its response is read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._has_head = False

    async def send(self, part: bytes) -> None:
        """Send a part of the body."""
        self._writer.write(b"%x\r\n%s\r\n" % (len(part), part))
        await self._writer.drain()

    async def end(self) -> None:
        """End the body."""
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    async def answers(self) -> AsyncIterator[dict[str, Any]]:
        """The lines of the response as they arrive."""
        if not self._has_head:
            head = await self._reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 "), head
            self._has_head = True
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            part = (await self._reader.readexactly(size + 2))[:-2]
            for line in part.splitlines():
                yield json.loads(line)


@asynccontextmanager
async def two_ways(service: str, path: str) -> AsyncIterator[TwoWays]:
    """Start a bulk request on a separate connection."""
    reader, writer = await asyncio.open_connection(addresses.host(service), addresses.port(service))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    writer.write(head.encode())
    try:
        yield TwoWays(reader, writer)
    finally:
        writer.close()
