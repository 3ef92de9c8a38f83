"""Chunks side by side: those of one partition number one after the other, those of different numbers at once.

Small chunks of one partition that wait in a lane are worked on together, so that waiting ends soon.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType

from faust.types import TP

from chassis.chunks.chunk import Chunk

MOST_RECORDS = 2000
"""Of the chunks that are worked on together, unless one alone has more."""

Work = Callable[[Sequence[Chunk]], Awaitable[None]]
"""Makes chunks of one partition durable, which follow each other, and calls them done. Must not raise."""


class Lanes:
    """One lane for each partition number, whatever the topic: what shares a key is in the same lane, in order.

    How many chunks wait in a lane is bounded by whoever hands them out.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._chunks: defaultdict[TP, deque[Chunk]] = defaultdict(deque)
        self._turns: dict[int, asyncio.Queue[TP]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, chunk: Chunk) -> None:
        """Let the chunk be worked on when all before it in its lane are done."""
        chunk.keep()
        number = chunk.partition.partition
        if number not in self._turns:
            self._turns[number] = asyncio.Queue()
            self._tasks.append(asyncio.create_task(self._along(self._turns[number])))
        self._chunks[chunk.partition].append(chunk)
        self._turns[number].put_nowait(chunk.partition)

    async def _along(self, turns: asyncio.Queue[TP]) -> None:
        while True:
            chunks = self._together(self._chunks[await turns.get()])
            if chunks:
                await self._work(chunks)
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
