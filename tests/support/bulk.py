"""Bulks as tests send and read them."""

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
    """What a bulk answered, line by line; the whole is 200 however the lines fare."""
    answer = await client.post(path, content=content, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == HEADERS["Content-Type"]
    return [json.loads(line) for line in answer.text.splitlines()]


class TwoWays:
    """A bulk whose request is still being sent while its answer is read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._has_head = False

    async def send(self, part: bytes) -> None:
        """Send a part of the body."""
        self._writer.write(b"%x\r\n%s\r\n" % (len(part), part))
        await self._writer.drain()

    async def end(self) -> None:
        """Say that the body is whole."""
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    async def answers(self) -> AsyncIterator[dict[str, Any]]:
        """The lines of the answer as they come."""
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
    """A connection of its own, on which a bulk has been begun."""
    reader, writer = await asyncio.open_connection(addresses.host(service), addresses.port(service))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    writer.write(head.encode())
    try:
        yield TwoWays(reader, writer)
    finally:
        writer.close()
