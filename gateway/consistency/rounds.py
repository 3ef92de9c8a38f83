"""Work that serves many at once, in rounds: one round at a time, unless it is slow."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from chassis.tasks import end

MAX_ROUNDS = 3
"""The maximum number of rounds at once."""

RETRY_S = 0.1
"""How long after a failed round the next one begins."""


class Rounds:
    """Repeats `work` for as long as `has_work`. Call `close` at the end.

    A round takes the work that there is when it begins, so what comes during a round is for the next one. After
    `slow_s`, that one does not wait for its end. `work` returns whether it succeeded, and raises nothing.
    """

    def __init__(self, work: Callable[[], Awaitable[bool]], has_work: Callable[[], bool], slow_s: float) -> None:
        self._work = work
        self._has_work = has_work
        self._slow_s = slow_s
        self._running: set[asyncio.Task[bool]] = set()
        self._pause: asyncio.TimerHandle | None = None
        self._is_closed = False

    def begin(self) -> None:
        """Begin a round if there is work, as soon as the last one has ended or is slow."""
        if self._pause is not None or self._is_closed or len(self._running) >= MAX_ROUNDS or not self._has_work():
            return
        task = asyncio.create_task(self._round())
        self._running.add(task)
        task.add_done_callback(self._ended)
        self._pause_for(self._slow_s)

    async def close(self) -> None:
        """End all rounds."""
        self._is_closed = True
        self._end_pause()
        await end(*self._running)

    async def _round(self) -> bool:
        return await self._work()

    def _ended(self, task: asyncio.Task[bool]) -> None:
        self._running.discard(task)
        if task.cancelled() or not task.result():
            self._pause_for(RETRY_S)
            return
        self._end_pause()
        self.begin()

    def _pause_for(self, seconds: float) -> None:
        self._end_pause()
        if not self._is_closed:
            self._pause = asyncio.get_running_loop().call_later(seconds, self._resume)

    def _end_pause(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None

    def _resume(self) -> None:
        self._pause = None
        self.begin()
