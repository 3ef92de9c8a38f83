"""Turns of the executor on the event loop: after some fields of answers, everything else that waits runs first.

The time of a turn is not measured, only its fields are counted, so that the same operation always has the same turns.
"""

from __future__ import annotations

import asyncio
from collections import deque
from weakref import WeakKeyDictionary

FIELDS_A_TURN = 1000
"""The number of fields in one iteration of the event loop, of all answers together: they take about 10 ms."""

WOKEN_A_TURN = 100
"""The number of waiting parts of answers that try to continue in one turn."""

_OF_LOOPS: WeakKeyDictionary[asyncio.AbstractEventLoop, Turns] = WeakKeyDictionary()


class Turns:
    """The turns of all executions on one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._call_soon = loop.call_soon
        self._new_future = loop.create_future
        self._fields = 0
        self._is_counting = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    @classmethod
    def of_loop(cls) -> Turns:
        """Those of the running event loop."""
        loop = asyncio.get_running_loop()
        if loop not in _OF_LOOPS:
            _OF_LOOPS[loop] = cls(loop)
        return _OF_LOOPS[loop]

    def spend(self, fields: int) -> None:
        """Count fields that are answered in this turn."""
        self._fields += fields
        if not self._is_counting:
            self._is_counting = True
            self._call_soon(self._begin)

    @property
    def is_over(self) -> bool:
        """Whether this turn has no fields left."""
        return self._fields >= FIELDS_A_TURN

    async def wait(self) -> None:
        """Wait until a turn has fields left, if this one has none."""
        while self.is_over:
            future = self._new_future()
            self._waiting.append(future)
            await future

    def _begin(self) -> None:
        """Begin a turn, in the next iteration of the event loop."""
        self._fields = 0
        for _ in range(min(WOKEN_A_TURN, len(self._waiting))):
            future = self._waiting.popleft()
            if not future.done():  # its request may be cancelled
                future.set_result(None)
        self._is_counting = bool(self._waiting)
        if self._waiting:
            self._call_soon(self._begin)
