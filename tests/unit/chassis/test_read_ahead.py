"""Reading ahead of a slow reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import pytest

from chassis.bulk.read_ahead import MEMORY_BYTES, read_ahead
from tests.support.eventually import eventually

PART = bytes(range(256)) * 256


class Source:
    """Parts, one after the other, and how many were taken."""

    def __init__(self, parts: int, error: Exception | None = None) -> None:
        self.parts, self.error, self.taken, self.is_closed = parts, error, 0, False

    async def given(self) -> AsyncGenerator[bytes]:
        try:
            for number in range(self.parts):
                self.taken += 1
                yield number.to_bytes(4) + PART
            if self.error:
                raise self.error
        finally:
            self.is_closed = True

    def whole(self) -> bytes:
        return b"".join(number.to_bytes(4) + PART for number in range(self.parts))

    def has_given(self, parts: int) -> None:
        assert self.taken >= parts


async def test_the_source_goes_on_while_nobody_reads_and_nothing_is_lost() -> None:
    source = Source(100)
    assert source.parts * len(PART) > 4 * MEMORY_BYTES

    async with aclosing(read_ahead(source.given())) as parts:
        read = await anext(parts)
        await eventually(lambda: source.has_given(100))
        async for part in parts:
            read += part

    assert read == source.whole()


async def test_the_source_waits_when_too_much_is_unread() -> None:
    source = Source(100)

    async with aclosing(read_ahead(source.given(), most_bytes=10 * len(PART))) as parts:
        read = await anext(parts)
        for _ in range(1000):
            await asyncio.sleep(0)
        assert source.taken <= 13
        async for part in parts:
            read += part

    assert read == source.whole()


async def test_what_the_source_raises_comes_after_all_that_it_gave() -> None:
    source = Source(3, ValueError("no more"))
    read: list[bytes] = []

    with pytest.raises(ValueError, match="no more"):
        await read_all(read_ahead(source.given()), read)

    assert b"".join(read) == source.whole()


async def test_the_source_ends_with_its_reader() -> None:
    source = Source(10_000)

    async with aclosing(read_ahead(source.given(), most_bytes=1)) as parts:
        await anext(parts)

    assert source.is_closed
    assert source.taken < 10


async def read_all(parts: AsyncIterator[bytes], read: list[bytes]) -> None:
    async for part in parts:
        read.append(part)
