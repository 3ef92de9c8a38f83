"""Chunks side by side: in order within a partition number, at once across them, and none of those taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from faust.types import TP

from chassis.chunks.chunk import Chunk
from chassis.chunks.lanes import Lanes
from tests.rows import a_record


class Handed:
    """Whoever handed the chunks out; a rebalance may have taken some back."""

    def __init__(self) -> None:
        self.taken_back: list[Chunk] = []

    def chunk_done(self, chunk: Chunk) -> None:
        """Take no note."""

    def is_in_flight(self, chunk: Chunk) -> bool:
        return chunk not in self.taken_back

    def out(self, topic: str, partition: int) -> Chunk:
        return Chunk(TP(topic, partition), [a_record(topic)], 1, self)


async def stream(chunks: Sequence[Chunk]) -> AsyncIterator[Chunk]:
    for chunk in chunks:
        yield chunk


async def worked_on(chunks: Sequence[Chunk]) -> list[tuple[str, Chunk]]:
    """What began and ended, in order, of work that takes long enough for other work to begin."""
    seen: list[tuple[str, Chunk]] = []

    async def work(chunk: Chunk) -> None:
        seen.append(("begins", chunk))
        for _ in range(10):
            await asyncio.sleep(0)
        seen.append(("ends", chunk))

    async with Lanes(work) as lanes:
        async for chunk in stream(chunks):
            lanes.add(chunk)
    return seen


async def test_an_order_and_its_lines_are_never_worked_on_at_once() -> None:
    handed = Handed()
    order, lines, order_again = handed.out("order", 1), handed.out("order_detail", 1), handed.out("order", 1)

    seen = await worked_on([order, lines, order_again])

    assert seen == [(what, chunk) for chunk in (order, lines, order_again) for what in ("begins", "ends")]


async def test_different_partitions_are_worked_on_at_once() -> None:
    handed = Handed()
    first, second = handed.out("order", 0), handed.out("order", 1)

    seen = await worked_on([first, second])

    assert seen == [("begins", first), ("begins", second), ("ends", first), ("ends", second)]


async def test_what_was_taken_back_while_it_waited_is_not_worked_on() -> None:
    handed = Handed()
    first, second = handed.out("order", 0), handed.out("order", 0)
    handed.taken_back.append(second)

    seen = await worked_on([first, second])

    assert seen == [("begins", first), ("ends", first)]


async def test_when_the_reader_is_cancelled_so_is_the_work() -> None:
    handed, began = Handed(), asyncio.Event()

    async def work(_: Chunk) -> None:
        began.set()
        await asyncio.Event().wait()

    async def read() -> None:
        async with Lanes(work) as lanes:
            lanes.add(handed.out("order", 0))
            await asyncio.Event().wait()

    reading = asyncio.create_task(read())
    await began.wait()
    reading.cancel()

    with pytest.raises(asyncio.CancelledError):
        await reading
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_chunk_in_a_lane_is_kept_though_its_reader_goes_on() -> None:
    chunk = Handed().out("order", 0)

    await worked_on([chunk])

    assert chunk.is_kept
