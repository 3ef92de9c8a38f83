"""Chunks side by side: those of one partition number one after the other, those of different numbers at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType

from chassis.chunks.chunk import Chunk

Work = Callable[[Chunk], Awaitable[None]]
"""Makes a chunk durable and calls it done. Must not raise."""


class Lanes:
    """One lane for each partition number, whatever the topic: what shares a key is in the same lane, in order.

    How many chunks wait in a lane is bounded by whoever hands them out.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._waiting: dict[int, asyncio.Queue[Chunk]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, chunk: Chunk) -> None:
        """Let the chunk be worked on when all before it in its lane are done."""
        chunk.keep()
        number = chunk.partition.partition
        if number not in self._waiting:
            self._waiting[number] = asyncio.Queue()
            self._tasks.append(asyncio.create_task(self._along(self._waiting[number])))
        self._waiting[number].put_nowait(chunk)

    async def _along(self, waiting: asyncio.Queue[Chunk]) -> None:
        while True:
            chunk = await waiting.get()
            # One that waited through a rebalance is somebody else's by now, or is handed out once more.
            if chunk.is_in_flight():
                await self._work(chunk)
            waiting.task_done()

    async def __aenter__(self) -> Lanes:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        """Finish what is waiting; when the reader was cancelled, leave it to who reads next."""
        if kind is None:
            await asyncio.gather(*(waiting.join() for waiting in self._waiting.values()))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
