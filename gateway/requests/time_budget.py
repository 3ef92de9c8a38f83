"""The time that one request has, and its end when the client has gone: either way its statements are given up too.

A request that is answered soon has cost next to nothing: neither is looked at before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.types import Receive

from chassis.databases.deadlines import Deadline, Deadlines
from gateway.errors import BAD_REQUEST, TIMEOUT, Refusal

Answered = TypeVar("Answered")

LOOK_AFTER_S = 0.5
"""So soon answered, a request is not watched: to watch one costs half as much as to answer it."""


class ClientGone(Exception):
    """Nobody waits for the answer any more."""


class Budgets:
    """What all requests have: so many seconds each."""

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self.look_after_s = min(LOOK_AFTER_S, timeout_s)
        self.looks = Deadlines(self.look_after_s)


class Budget:
    """The time of the request that the running task answers. The task is cancelled when it is over."""

    def __init__(self, budgets: Budgets, receive: Receive) -> None:
        self._loop = asyncio.get_running_loop()
        task = asyncio.current_task(self._loop)
        assert task is not None
        self._task = task
        self._receive = receive
        self._budgets = budgets
        self._is_read = False
        self._is_watched = False
        self._reason: Exception | None = None
        self._listening: asyncio.Task[None] | None = None
        self._timer: Deadline | asyncio.TimerHandle = budgets.looks.begin(self._loop, self._look)

    async def spend(self, answering: Awaitable[Answered]) -> Answered:
        """What `answering` gives. Raises Refusal when the time is up and ClientGone when the client goes first."""
        try:
            return await answering
        except asyncio.CancelledError as error:
            if self._reason is None:
                raise
            self._task.uncancel()
            raise self._reason from error
        finally:
            self._timer.cancel()
            if self._listening is not None:
                self._listening.cancel()
                await asyncio.wait((self._listening,))

    def request_is_read(self) -> None:
        """From now on nothing more comes from the client than that it has gone."""
        self._is_read = True
        if self._is_watched:
            self._listening = asyncio.create_task(self._listen())

    def _look(self) -> None:
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
            told = f"this took longer than the {self._budgets.timeout_s:g} s it may and was given up"
            self._cancel(Refusal(TIMEOUT, told, 504))
        else:
            self._cancel(Refusal(BAD_REQUEST, f"the body did not come in {self._budgets.timeout_s:g} s", 408))

    def _cancel(self, reason: Exception) -> None:
        if self._reason is None:
            self._reason = reason
            self._task.cancel()
