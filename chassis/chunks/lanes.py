"""Concurrent chunks: those of one partition number in sequence, those of different numbers concurrently.

All waiting chunks of a lane are processed together, which shortens queues and writes an order with its lines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType

from chassis.chunks.aligning import Lane
from chassis.chunks.chunk import Chunk

MAX_RECORDS = 2000
"""Per topic in one call."""

LOOP_ITERATIONS = 3
"""Chunks of one fetch are delivered one by one and have all arrived after this many iterations of the event loop."""

PATIENCE_S = 2.0
"""How long records wait for earlier ones of another topic that the broker has and this reader has not. On a busy
machine a fetch takes a second, and an order that is written in two halves costs three times as much."""

Work = Callable[[Sequence[Sequence[Chunk]]], Awaitable[None]]
"""Processes chunks and acknowledges them. Each group has consecutive chunks of one topic. Must not raise."""


class Lanes:
    """One lane per partition number across topics: records with the same key are in the same lane, in order.

    The consumer limits the number of waiting chunks.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._lanes: dict[int, Lane] = {}
        self._turns: dict[int, asyncio.Queue[None]] = {}
        self._added = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, chunk: Chunk) -> None:
        """Queue the chunk behind those of its lane."""
        chunk.keep()
        number = chunk.partition.partition
        if number not in self._turns:
            self._lanes[number] = Lane()
            self._turns[number] = asyncio.Queue()
            self._tasks.append(asyncio.create_task(self._run(self._lanes[number], self._turns[number])))
        self._lanes[number].add(chunk)
        self._turns[number].put_nowait(None)
        self._added.set()

    async def _run(self, lane: Lane, turns: asyncio.Queue[None]) -> None:
        """Process what waits at each turn. There is one turn for each chunk, and others may have taken it already."""
        while True:
            await turns.get()
            for _ in range(LOOP_ITERATIONS):
                await asyncio.sleep(0)
            while lane.has_chunks():
                if groups := lane.take(MAX_RECORDS):
                    await self._work(groups)
                else:
                    await self._wait(lane)
            turns.task_done()

    async def _wait(self, lane: Lane) -> None:
        """Wait for a chunk without which others should not be processed."""
        self._added.clear()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._added.wait()
        except TimeoutError:
            lane.wait_no_longer()

    async def __aenter__(self) -> Lanes:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        """Finish waiting chunks, unless the reader was cancelled."""
        if kind is None:
            await asyncio.gather(*(turns.join() for turns in self._turns.values()))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
