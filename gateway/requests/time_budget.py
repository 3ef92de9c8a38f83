"""The time limit of a request, which is cancelled with its statements when it expires or the client disconnects.

Both checks begin only after a moment, so that they cost fast requests next to nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.types import Receive

from chassis.databases.deadlines import Deadline, Deadlines
from gateway.errors import BAD_REQUEST, Refusal, timed_out

Result = TypeVar("Result")

LOOK_AFTER_S = 0.5
"""When to begin to watch a request; watching one costs half as much as answering it."""


class ClientGone(Exception):
    """The client has disconnected."""


class Budgets:
    """The time limit of all requests, in seconds."""

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self.look_after_s = min(LOOK_AFTER_S, timeout_s)
        self.looks = Deadlines(self.look_after_s)


class Budget:
    """The time limit of the request that the current task answers; the task is cancelled when it expires."""

    def __init__(self, budgets: Budgets, receive: Receive) -> None:
        self._loop = asyncio.get_running_loop()
        task = asyncio.current_task(self._loop)
        assert task is not None
        self._task = task
        self._receive = receive
        self._budgets = budgets
        self._is_read = False
        self._is_spent = False
        self._is_watched = False
        self._reason: Exception | None = None
        self._listening: asyncio.Task[None] | None = None
        self._timer: Deadline | asyncio.TimerHandle = budgets.looks.begin(self._loop, self._look)

    async def spend(self, work: Awaitable[Result]) -> Result:
        """The result of `work`. Raises Refusal when the time expires, and ClientGone when the client disconnects."""
        try:
            return await work
        except asyncio.CancelledError as error:
            if self._reason is None:
                raise
            self._task.uncancel()
            raise self._reason from error
        finally:
            self._is_spent = True
            self._timer.cancel()
            if self._listening is not None:
                self._listening.cancel()
                await asyncio.wait((self._listening,))

    def request_is_read(self) -> None:
        """From now on the client sends nothing but its disconnection."""
        self._is_read = True
        if self._is_watched:
            self._listening = asyncio.create_task(self._listen())

    def _look(self) -> None:
        if self._is_spent:  # it has ended since this call was scheduled
            return
        left_s = self._budgets.timeout_s - self._budgets.look_after_s
        self._timer = self._loop.call_later(left_s, self._end)
        self._is_watched = True
        if self._is_read:
            self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._cancel(ClientGone())

    def _end(self) -> None:
        if self._is_read:
            self._cancel(timed_out(self._budgets.timeout_s))
        else:
            self._cancel(Refusal(BAD_REQUEST, f"the body did not arrive within {self._budgets.timeout_s:g} s", 408))

    def _cancel(self, reason: Exception) -> None:
        if self._reason is None:
            self._reason = reason
            self._task.cancel()
