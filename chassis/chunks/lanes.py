"""Chunks side by side: those of one partition number one after the other, those of different numbers at once.

All that waits in a lane is worked on together, so that waiting ends soon, and an order is written with its lines.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType

from faust.types import TP

from chassis.chunks.chunk import Chunk

MOST_RECORDS = 2000
"""Of one topic's chunks that are worked on together, unless one alone has more."""

TURNS_OF_THE_LOOP = 3
"""What came in the same fetch is handed over bit by bit, and is all here so many turns later. No time passes."""

Work = Callable[[Sequence[Sequence[Chunk]]], Awaitable[None]]
"""Makes chunks durable and calls them done. Each group is of one topic, and its chunks follow each other. Must not
raise."""


class Lanes:
    """One lane for each partition number, whatever the topic: what shares a key is in the same lane, in order.

    How many chunks wait in a lane is bounded by whoever hands them out.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._chunks: defaultdict[int, dict[TP, deque[Chunk]]] = defaultdict(dict)
        self._turns: dict[int, asyncio.Queue[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, chunk: Chunk) -> None:
        """Let the chunk be worked on when all before it in its lane are done."""
        chunk.keep()
        number = chunk.partition.partition
        if number not in self._turns:
            self._turns[number] = asyncio.Queue()
            self._tasks.append(asyncio.create_task(self._along(number)))
        self._chunks[number].setdefault(chunk.partition, deque()).append(chunk)
        self._turns[number].put_nowait(None)

    async def _along(self, number: int) -> None:
        turns = self._turns[number]
        while True:
            await turns.get()
            for _ in range(TURNS_OF_THE_LOOP):
                await asyncio.sleep(0)
            groups = [group for waiting in self._chunks[number].values() if (group := self._together(waiting))]
            if groups:
                await self._work(groups)
            turns.task_done()

    def _together(self, waiting: deque[Chunk]) -> list[Chunk]:
        """The next chunks; none when they had their turn with those before them."""
        chunks: list[Chunk] = []
        records = 0
        while waiting and (not chunks or records + len(waiting[0]) <= MOST_RECORDS):
            chunk = waiting.popleft()
            # One that waited through a rebalance is somebody else's by now, or is handed out once more.
            if chunk.is_in_flight():
                chunks.append(chunk)
                records += len(chunk)
        return chunks

    async def __aenter__(self) -> Lanes:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        """Finish what is waiting; when the reader was cancelled, leave it to who reads next."""
        if kind is None:
            await asyncio.gather(*(turns.join() for turns in self._turns.values()))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
