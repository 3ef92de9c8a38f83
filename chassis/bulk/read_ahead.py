"""Produces ahead of a slow reader: unread output is buffered in memory, then in a file.

Most HTTP clients send their whole request before they read the response. Without a buffer, a client that sends many
lines and a service that returns a result for each would deadlock once the socket buffers are full.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from tempfile import SpooledTemporaryFile

MEMORY_BYTES = 262_144
MOST_BYTES = 268_435_456
"""Beyond this size the source waits for the reader, since disk space is limited."""

PART_BYTES = 65_536


async def read_ahead(source: AsyncGenerator[bytes], most_bytes: int = MOST_BYTES) -> AsyncGenerator[bytes]:
    """The output of `source` in order, while `source` continues without waiting for the reader. Raises what it raises.

    Close it (`aclosing`) if it is not read to the end; this closes the source as well.
    """
    with SpooledTemporaryFile(max_size=MEMORY_BYTES) as file:
        buffer = _Buffer(file, most_bytes)
        filling = asyncio.create_task(buffer.fill(source))
        try:
            while part := await buffer.next_part():
                yield part
            await filling
        finally:
            filling.cancel()
            await asyncio.gather(filling, return_exceptions=True)


class _Buffer:
    """Bytes between one writer and one reader; the file is truncated whenever the reader has caught up."""

    def __init__(self, file: SpooledTemporaryFile[bytes], most_bytes: int) -> None:
        self._file = file
        self._most_bytes = most_bytes
        self._written = self._read = 0
        self._has_ended = False
        self._changed = asyncio.Condition()

    async def fill(self, source: AsyncGenerator[bytes]) -> None:
        try:
            async with aclosing(source):
                async for part in source:
                    await self._add(part)
        finally:
            self._has_ended = True
            async with self._changed:
                self._changed.notify_all()

    async def _add(self, part: bytes) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._written - self._read < self._most_bytes)
            self._file.seek(self._written)
            self._written += self._file.write(part)
            self._changed.notify_all()

    async def next_part(self) -> bytes:
        """The next bytes; empty at the end."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._read < self._written or self._has_ended)
            self._file.seek(self._read)
            part = self._file.read(PART_BYTES)
            self._read += len(part)
            if self._read == self._written:
                self._file.seek(0)
                self._file.truncate()
                self._read = self._written = 0
            self._changed.notify_all()
            return part
