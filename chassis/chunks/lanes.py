"""Concurrent chunks: those of one partition number in sequence, those of different numbers concurrently.

All waiting chunks of a lane are processed together, which shortens queues and writes an order with its lines.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType

from faust.types import TP

from chassis.chunks.chunk import Chunk

MAX_RECORDS = 2000
"""Per topic in one call, unless a single chunk has more."""

LOOP_ITERATIONS = 3
"""Chunks of one fetch are delivered one by one and have all arrived after this many iterations of the event loop."""

Work = Callable[[Sequence[Sequence[Chunk]]], Awaitable[None]]
"""Processes chunks and acknowledges them. Each group has consecutive chunks of one topic. Must not raise."""


class Lanes:
    """One lane per partition number across topics: records with the same key are in the same lane, in order.

    The consumer limits the number of waiting chunks.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._chunks: defaultdict[int, dict[TP, deque[Chunk]]] = defaultdict(dict)
        self._turns: dict[int, asyncio.Queue[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, chunk: Chunk) -> None:
        """Queue the chunk behind those of its lane."""
        chunk.keep()
        number = chunk.partition.partition
        if number not in self._turns:
            self._turns[number] = asyncio.Queue()
            self._tasks.append(asyncio.create_task(self._run(number)))
        self._chunks[number].setdefault(chunk.partition, deque()).append(chunk)
        self._turns[number].put_nowait(None)

    async def _run(self, number: int) -> None:
        turns = self._turns[number]
        while True:
            await turns.get()
            for _ in range(LOOP_ITERATIONS):
                await asyncio.sleep(0)
            groups = [group for waiting in self._chunks[number].values() if (group := self._next_group(waiting))]
            if groups:
                await self._work(groups)
            turns.task_done()

    def _next_group(self, waiting: deque[Chunk]) -> list[Chunk]:
        """The next chunks; empty if they were processed with earlier ones."""
        chunks: list[Chunk] = []
        records = 0
        while waiting and (not chunks or records + len(waiting[0]) <= MAX_RECORDS):
            chunk = waiting.popleft()
            # A chunk that waited during a rebalance was revoked, or is delivered again.
            if chunk.is_in_flight():
                chunks.append(chunk)
                records += len(chunk)
        return chunks

    async def __aenter__(self) -> Lanes:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        """Finish waiting chunks, unless the reader was cancelled."""
        if kind is None:
            await asyncio.gather(*(turns.join() for turns in self._turns.values()))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
