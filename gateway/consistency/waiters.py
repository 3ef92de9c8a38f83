"""Reads that wait until a view holds some writes: one lookup serves all of them, repeated whenever the view changes.

A failed lookup is retried after a moment, so an outage shorter than the wait goes unnoticed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable

from prometheus_client import Counter, Histogram

from chassis.http.problems import Busy, Unavailable
from chassis.logs import logger
from chassis.tasks import end
from gateway.consistency.tokens import Token

log = logger(__name__)

MAX_WAITERS = 10_000
"""The maximum number of reads that wait for one view."""

MIN_WAIT_S = 0.2
"""The shortest wait: long enough for one lookup."""

RETRY_S = 0.1
"""How long after a failed lookup the next one begins."""

WAITED = Histogram("oms_gateway_waited_seconds", "How long reads waited for a write to be in a view", ["view"])
LOOKS = Counter("oms_gateway_lookups_total", "Lookups whether a view holds what reads wait for", ["view"])

Look = Callable[[Collection[Token]], Awaitable[Collection[Token]]]
"""Returns those of some tokens that the view holds. Raises Unavailable."""


class Waiters:
    """The reads that wait for writes. Looks them up only while some wait, one lookup at a time."""

    def __init__(self, view: str, look: Look) -> None:
        self._view = view
        self._look = look
        self._waiting: dict[Token, set[asyncio.Future[None]]] = {}
        self._number = 0
        self._looking: asyncio.Task[None] | None = None
        self._has_moved = False
        self._failed: Exception | None = None

    async def wait_for(self, tokens: Iterable[Token], timeout_s: float) -> None:
        """Return when the view holds all of them. Raises Busy when too many reads wait.

        On timeout, raises TimeoutError; when the last lookup failed, raises Unavailable or the error of the lookup.
        """
        if self._number >= MAX_WAITERS:
            raise Busy(self._view)
        self._number += 1
        loop = asyncio.get_running_loop()
        futures = {token: loop.create_future() for token in set(tokens)}
        for token, future in futures.items():
            self._waiting.setdefault(token, set()).add(future)
        self.moved()  # it may hold them already
        try:
            with WAITED.labels(self._view).time():
                async with asyncio.timeout(max(timeout_s, MIN_WAIT_S)):
                    await asyncio.gather(*futures.values())
        except TimeoutError:
            if isinstance(self._failed, Unavailable):
                raise Unavailable(self._view) from self._failed
            if self._failed is not None:
                raise self._failed from None
            raise
        finally:
            self._number -= 1
            for token, future in futures.items():
                self._forget(token, future)

    def moved(self) -> None:
        """Start a lookup: the view has changed, or another read waits."""
        self._has_moved = True
        if self._waiting and self._looking is None:
            self._looking = asyncio.create_task(self._look_until_still())

    async def close(self) -> None:
        """Stop looking."""
        await end(self._looking)

    async def _look_until_still(self) -> None:
        try:
            while self._waiting and (self._has_moved or self._failed):
                self._has_moved = False
                await self._look_once()
                if self._failed:
                    await asyncio.sleep(RETRY_S)
        finally:
            self._looking = None

    async def _look_once(self) -> None:
        LOOKS.labels(self._view).inc()
        try:
            found = await self._look(list(self._waiting))
        except Exception as error:
            if not isinstance(error, Unavailable) and type(error) is not type(self._failed):
                log.exception("lookup of writes failed; retrying", view=self._view)
            self._failed = error
            return
        self._failed = None
        for token in found:
            for future in self._waiting.pop(token, ()):
                if not future.done():
                    future.set_result(None)

    def _forget(self, token: Token, future: asyncio.Future[None]) -> None:
        futures = self._waiting.get(token)
        if futures is not None:
            futures.discard(future)
            if not futures:
                del self._waiting[token]
