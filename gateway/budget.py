"""The time that one request has, and its end when the client has gone: either way its statements are given up too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.types import Receive

from gateway.errors import TIMEOUT, Refusal

Answered = TypeVar("Answered")

LOOK_AFTER_S = 0.05
"""A request that is answered sooner is not watched: that the client is there is the rule."""


class ClientGone(Exception):
    """Nobody waits for the answer any more."""


async def within(timeout_s: float, receive: Receive, answering: Awaitable[Answered]) -> Answered:
    """What `answering` gives. Raises Refusal when the time is up and ClientGone when the client goes first."""
    task = asyncio.current_task()
    assert task is not None
    watched = _Watched(task, receive)
    looking = asyncio.get_running_loop().call_later(LOOK_AFTER_S, watched.look)
    try:
        async with asyncio.timeout(timeout_s):
            return await answering
    except TimeoutError as error:
        raise Refusal(TIMEOUT, f"this took longer than the {timeout_s:g} s it may and was given up", 504) from error
    except asyncio.CancelledError as error:
        if not watched.is_gone:
            raise
        task.uncancel()
        raise ClientGone from error
    finally:
        looking.cancel()
        await watched.end()


class _Watched:
    """A request whose client may go."""

    def __init__(self, task: asyncio.Task[object], receive: Receive) -> None:
        self._task = task
        self._receive = receive
        self._watching: asyncio.Task[None] | None = None
        self.is_gone = False

    def look(self) -> None:
        self._watching = asyncio.create_task(self._wait_for_the_end())

    async def end(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait((self._watching,))

    async def _wait_for_the_end(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.is_gone = True
        self._task.cancel()
