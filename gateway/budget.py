"""The time that one request has, and its end when the client has gone: either way its statements are given up too.

A request that is answered soon has cost one timer that did not ring: neither is looked at before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.types import Receive

from gateway.errors import TIMEOUT, Refusal

Answered = TypeVar("Answered")

LOOK_AFTER_S = 0.05
"""So soon answered, a request is not watched."""


class ClientGone(Exception):
    """Nobody waits for the answer any more."""


async def within(timeout_s: float, receive: Receive, answering: Awaitable[Answered]) -> Answered:
    """What `answering` gives. Raises Refusal when the time is up and ClientGone when the client goes first."""
    watched = _Watched(timeout_s, receive)
    try:
        return await answering
    except asyncio.CancelledError as error:
        if watched.reason is None:
            raise
        watched.task.uncancel()
        raise watched.reason from error
    finally:
        await watched.end()


class _Watched:
    """The task of a request, cancelled for `reason` when its time is up or its client goes."""

    def __init__(self, timeout_s: float, receive: Receive) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.task = task
        self.reason: Exception | None = None
        self._loop = asyncio.get_running_loop()
        self._receive = receive
        self._timeout_s = timeout_s
        self._listening: asyncio.Task[None] | None = None
        self._timer = self._loop.call_later(min(LOOK_AFTER_S, timeout_s), self._look)

    async def end(self) -> None:
        self._timer.cancel()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait((self._listening,))

    def _look(self) -> None:
        told = f"this took longer than the {self._timeout_s:g} s it may and was given up"
        left_s = max(0.0, self._timeout_s - LOOK_AFTER_S)
        self._timer = self._loop.call_later(left_s, self._cancel, Refusal(TIMEOUT, told, 504))
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._cancel(ClientGone())

    def _cancel(self, reason: Exception) -> None:
        if self.reason is None:
            self.reason = reason
            self.task.cancel()
