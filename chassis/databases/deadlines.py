"""Deadlines of many waits with the same timeout, by a single timer.

A timer of the event loop costs as much as a good part of a small response, and nearly all are cancelled. With equal
timeouts, deadlines expire in the order in which they started, so the next one is the first of a queue.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic


class Deadline:
    """The deadline of one wait. Call `cancel` when the wait is over."""

    __slots__ = ("at", "callback")

    def __init__(self, at: float, callback: Callable[[], None]) -> None:
        self.at = at
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Do not call back."""
        self.callback = None


class Deadlines:
    """Calls back after `after_s`, all in one event loop."""

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._queue: deque[Deadline] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> Deadline:
        """Call back at the deadline, unless it is cancelled."""
        deadline = Deadline(monotonic() + self._after_s, callback)
        self._queue.append(deadline)
        if self._timer is None:
            self._timer = loop.call_later(self._after_s, self._end, loop)
        return deadline

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        """Call back for expired deadlines, and set the timer to the next one."""
        queue, now = self._queue, monotonic()
        while queue and (queue[0].callback is None or queue[0].at <= now):
            if callback := queue.popleft().callback:
                loop.call_soon(callback)
        self._timer = loop.call_later(queue[0].at - now, self._end, loop) if queue else None
