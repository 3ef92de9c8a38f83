"""Chunks side by side: in order within a partition number, at once across them, and none of those taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from faust.types import TP

from chassis.chunks import lanes
from chassis.chunks.chunk import Chunk
from chassis.chunks.lanes import Lanes
from tests.support.shop.rows import a_record


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

    def of_a_backlog(self, topic: str, *times_ms: int) -> Chunk:
        """A chunk of partition 0 behind which the broker has more."""
        records = [a_record(topic, offset=offset, at_ms=at_ms) for offset, at_ms in enumerate(times_ms)]
        return Chunk(TP(topic, 0), records, len(records), self, has_more=True)


async def stream(chunks: Sequence[Chunk]) -> AsyncIterator[Chunk]:
    for chunk in chunks:
        yield chunk


Groups = list[list[Chunk]]


async def worked_on(chunks: Sequence[Chunk]) -> list[tuple[str, Groups]]:
    """What began and ended, in order, of work that takes long enough for other work to begin."""
    seen: list[tuple[str, Groups]] = []

    async def work(together: Sequence[Sequence[Chunk]]) -> None:
        groups = [list(group) for group in together]
        seen.append(("begins", groups))
        for _ in range(10):
            await asyncio.sleep(0)
        seen.append(("ends", groups))

    async with Lanes(work) as side_by_side:
        async for chunk in stream(chunks):
            side_by_side.add(chunk)
    return seen


async def test_an_order_and_its_lines_that_came_together_are_worked_on_together() -> None:
    handed = Handed()
    order, details = handed.out("order", 1), handed.out("order_detail", 1)

    seen = await worked_on([order, details])

    assert seen == [("begins", [[order], [details]]), ("ends", [[order], [details]])]


async def test_small_chunks_that_wait_are_worked_on_together_in_their_order() -> None:
    handed = Handed()
    first, details, second = handed.out("order", 1), handed.out("order_detail", 1), handed.out("order", 1)

    seen = await worked_on([first, details, second])

    assert [groups for what, groups in seen if what == "begins"] == [[[first, second], [details]]]


async def test_large_chunks_of_a_topic_are_worked_on_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "MAX_RECORDS", 1)
    handed = Handed()
    first, second = handed.out("order", 1), handed.out("order", 1)

    seen = await worked_on([first, second])

    expected = [("begins", [[first]]), ("ends", [[first]]), ("begins", [[second]]), ("ends", [[second]])]
    assert seen == expected


async def test_different_partitions_are_worked_on_at_once() -> None:
    handed = Handed()
    first, second = handed.out("order", 0), handed.out("order", 1)

    seen = await worked_on([first, second])

    assert seen == [("begins", [[first]]), ("begins", [[second]]), ("ends", [[first]]), ("ends", [[second]])]


async def test_what_was_taken_back_while_it_waited_is_not_worked_on() -> None:
    handed = Handed()
    first, second = handed.out("order", 0), handed.out("order", 0)
    handed.taken_back.append(second)

    seen = await worked_on([first, second])

    assert seen == [("begins", [[first]]), ("ends", [[first]])]


def times_of(groups: Sequence[Sequence[Chunk]]) -> list[list[int]]:
    return [[record.timestamp for chunk in group for record in chunk.records] for group in groups]


async def test_in_a_backlog_no_topic_is_processed_ahead_of_another() -> None:
    handed, seen = Handed(), asyncio.Queue[list[list[int]]]()

    async def work(together: Sequence[Sequence[Chunk]]) -> None:
        await seen.put(times_of(together))

    async with Lanes(work) as side_by_side:
        side_by_side.add(handed.of_a_backlog("order", 1, 2, 3, 4))
        side_by_side.add(handed.of_a_backlog("order_detail", 1, 1, 2, 2, 3))
        first = await seen.get()
        side_by_side.add(handed.of_a_backlog("order_detail", 3, 4, 4, 5))
        second = await seen.get()

    assert first == [[1, 2], [1, 1, 2, 2]]
    assert second == [[3], [3, 3]]


@pytest.mark.parametrize("times_ms", [(1, 2, 3, 4), (5, 5, 5, 5)])
async def test_records_wait_for_a_limited_time(monkeypatch: pytest.MonkeyPatch, times_ms: Sequence[int]) -> None:
    monkeypatch.setattr(lanes, "PATIENCE_S", 0.01)
    monkeypatch.setattr(lanes, "MAX_RECORDS", 3)
    handed, done = Handed(), 0

    async def work(together: Sequence[Sequence[Chunk]]) -> None:
        nonlocal done
        done += sum(len(chunk) for group in together for chunk in group)

    async with Lanes(work) as side_by_side:
        side_by_side.add(handed.of_a_backlog("order_detail", 1))
        side_by_side.add(handed.of_a_backlog("order", *times_ms))

    assert done == 1 + len(times_ms)


async def test_when_the_reader_is_cancelled_so_is_the_work() -> None:
    handed, began = Handed(), asyncio.Event()

    async def work(_: Sequence[Sequence[Chunk]]) -> None:
        began.set()
        await asyncio.Event().wait()

    async def read() -> None:
        async with Lanes(work) as side_by_side:
            side_by_side.add(handed.out("order", 0))
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
