"""Concurrent chunks: those of one partition number in sequence, those of different numbers concurrently.

All waiting chunks of a lane are processed together, which shortens queues and writes an order with its lines. In a
backlog, topics are aligned by the time of their records, and chunks are split for that.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from types import TracebackType

from chassis.chunks.alignment import Part, aligned
from chassis.chunks.chunk import Chunk

MAX_RECORDS = 2000
"""Per topic in one call, unless a single chunk has more."""

LOOP_ITERATIONS = 3
"""Chunks of one fetch are delivered one by one and have all arrived after this many iterations of the event loop."""

HOLD_S = 0.5
"""The longest time that records wait for those of a topic that is behind, which can be gone in a rebalance."""

Work = Callable[[Sequence[Sequence[Chunk]]], Awaitable[None]]
"""Processes chunks and acknowledges them. Each group has consecutive chunks of one topic. Must not raise."""


class _Queue:
    """The waiting chunks of one partition, and what is known of the last one that arrived."""

    def __init__(self) -> None:
        self._chunks: deque[Chunk] = deque()
        self._last_ms: int | None = None
        self._has_more = True

    def add(self, chunk: Chunk) -> None:
        self._chunks.append(chunk)
        self._last_ms, self._has_more = chunk.records[-1].timestamp, chunk.has_more

    def expect_nothing(self) -> None:
        """Let no other topic wait for this one until its next chunk."""
        self._has_more = False

    def has_chunks(self) -> bool:
        """Whether any chunk waits."""
        return bool(self._chunks)

    def part(self) -> Part:
        """The next chunks, for the alignment with other topics."""
        # A chunk that waited during a rebalance was revoked, or is delivered again.
        self._chunks = deque(chunk for chunk in self._chunks if chunk.is_in_flight())
        times_ms: list[int] = []
        for chunk in self._chunks:
            is_enough = times_ms and len(times_ms) + len(chunk) > MAX_RECORDS
            if is_enough and (times_ms[0] < times_ms[-1] or not self._has_more):
                return Part(times_ms, times_ms[-1], True)
            times_ms += [record.timestamp for record in chunk.records]
        return Part(times_ms, self._last_ms, self._has_more)

    def take(self, records: int) -> list[Chunk]:
        """The next chunks with so many records; the last one is split if it has more."""
        taken: list[Chunk] = []
        while records:
            chunk = self._chunks.popleft()
            if len(chunk) > records:
                chunk, rest = chunk.split(records)
                self._chunks.appendleft(rest)
            taken.append(chunk)
            records -= len(chunk)
        return taken


class Lanes:
    """One lane per partition number across topics: records with the same key are in the same lane, in order.

    Those of the topics `together` are aligned. The consumer limits the number of waiting chunks.
    """

    def __init__(self, work: Work, together: Collection[str] = ()) -> None:
        self._work = work
        self._together = together if len(together) > 1 else ()
        self._queues: defaultdict[int, dict[str, _Queue]] = defaultdict(dict)
        self._turns: dict[int, asyncio.Queue[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, chunk: Chunk) -> None:
        """Queue the chunk behind those of its lane."""
        chunk.keep()
        topic, number = chunk.partition
        if number not in self._turns:
            self._turns[number] = asyncio.Queue()
            self._tasks.append(asyncio.create_task(self._run(number)))
        queues = self._queues[number]
        if chunk.has_more and topic in self._together:
            queues.update({name: _Queue() for name in self._together if name not in queues})
        queues.setdefault(topic, _Queue()).add(chunk)
        self._turns[number].put_nowait(None)

    async def _run(self, number: int) -> None:
        turns, is_holding = self._turns[number], False
        while True:
            try:
                async with asyncio.timeout(HOLD_S if is_holding else None):
                    await turns.get()
                is_turn = True
            except TimeoutError:
                is_turn = False
                for queue in self._queues[number].values():
                    queue.expect_nothing()
            for _ in range(LOOP_ITERATIONS):
                await asyncio.sleep(0)
            while groups := self._next_groups(number):
                await self._work(groups)
            is_holding = any(queue.has_chunks() for queue in self._queues[number].values())
            if is_turn:
                turns.task_done()

    def _next_groups(self, number: int) -> list[list[Chunk]]:
        """The chunks to process now, by topic."""
        queues = self._queues[number]
        parts = {topic: queue.part() for topic, queue in queues.items()}
        counts = {topic: len(part.times_ms) for topic, part in parts.items()}
        together = [topic for topic in self._together if topic in parts]
        counts |= zip(together, aligned([parts[topic] for topic in together]), strict=True)
        return [queues[topic].take(count) for topic, count in counts.items() if count]

    async def __aenter__(self) -> Lanes:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        """Finish waiting chunks, unless the reader was cancelled."""
        if kind is None:
            await asyncio.gather(*(turns.join() for turns in self._turns.values()))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
