"""Reads that wait until a view holds some writes: one lookup serves all of them, repeated whenever the view changes.

A failed lookup is retried after a moment, so an outage shorter than the wait goes unnoticed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

from prometheus_client import Counter, Histogram

from chassis.http.errors.problems import Busy, Unavailable
from chassis.logs import logger
from gateway.consistency.awaited import Awaited, Reader
from gateway.consistency.rounds import Rounds
from gateway.consistency.tokens import Token

log = logger(__name__)

MAX_WAITERS = 10_000
"""The maximum number of reads that wait for one view."""

MIN_WAIT_S = 0.2
"""The shortest wait: long enough for one lookup."""

SLOW_LOOK_S = 0.05
"""After this time, the next lookup does not wait for the end of one that has begun."""

SLOW_SHOW_S = 0.5
"""The same for refreshes, which Elasticsearch makes one after the other: more at once would only be smaller ones."""

LOOK_EVERY_S = 0.025
"""The shortest time between two lookups of a view whose writer announces versions, which answer most reads."""

SHOW_EVERY_S = 0.05
"""The shortest time between two refreshes: each makes a segment of the index, which must be merged later."""

WAITED = Histogram("oms_gateway_waited_seconds", "How long reads waited for a write to be in a view", ["view"])
LOOKS = Counter("oms_gateway_lookups_total", "Lookups whether a view holds what reads wait for", ["view"])
SHOWN = Counter("oms_gateway_refreshes_total", "Refreshes that make writes visible to reads that wait", ["view"])

Look = Callable[[Collection[Token]], Awaitable[Collection[Token]]]
"""Returns those of some tokens that the view holds. Raises Unavailable."""

Show = Callable[[], Awaitable[None]]
"""Makes everything visible that the view holds when it is called. Raises Unavailable."""


class LookupFailed(Exception):
    """A lookup failed because of a bug, which the log has."""


class Waiters:
    """The reads that wait for writes. Looks them up only while some wait.

    In a view that shows what it holds only after `show`, reads wait for that too: for one that begins after the write
    was found.
    """

    def __init__(self, view: str, look: Look, show: Show | None = None) -> None:
        self._view = view
        self._look = look
        self._show = show
        self._awaited = Awaited()
        self._held: list[Reader] = []
        self._number = 0
        look_every_s = 0.0 if show is None else LOOK_EVERY_S
        self._looks = Rounds(self._look_once, lambda: bool(self._awaited), SLOW_LOOK_S, look_every_s)
        self._shows = Rounds(self._show_once, lambda: bool(self._held), SLOW_SHOW_S, SHOW_EVERY_S)
        self._failures: dict[object, Exception] = {}

    async def wait_for(self, tokens: Iterable[Token], timeout_s: float) -> None:
        """Return when the view holds all of them. Raises Busy when too many reads wait.

        On timeout, raises TimeoutError; when the last lookup failed, raises Unavailable or LookupFailed.
        """
        if self._number >= MAX_WAITERS:
            raise Busy(self._view)
        self._number += 1
        loop = asyncio.get_running_loop()
        readers = {token: loop.create_future() for token in set(tokens)}
        for token, reader in readers.items():
            self._awaited.add(token, reader)
        self._looks.begin()  # it may hold them already
        try:
            with WAITED.labels(self._view).time():
                async with asyncio.timeout(max(timeout_s, MIN_WAIT_S)):
                    await asyncio.gather(*readers.values())
        except TimeoutError:
            for error in self._failures.values():
                # A new one for each read: an exception that is raised again keeps all its tracebacks.
                raise (Unavailable if isinstance(error, Unavailable) else LookupFailed)(self._view) from error
            raise
        finally:
            self._number -= 1
            for token, reader in readers.items():
                self._awaited.discard(token, reader)

    def moved(self) -> None:
        """Look all up again: the view may have changed."""
        self._awaited.moved()
        self._looks.begin()

    def holds(self, kind: str, versions: Mapping[str, int]) -> None:
        """The view holds at least these versions of things of this kind, by id: a lookup is not necessary."""
        self._found(self._awaited.up_to(kind, versions))

    async def close(self) -> None:
        """Stop looking."""
        await self._looks.close()
        await self._shows.close()

    async def _look_once(self) -> bool:
        tokens = self._awaited.taken()
        if not tokens:  # found, or given up, before the round began
            return True
        LOOKS.labels(self._view).inc()
        try:
            found = await self._look(tokens)
        except Exception as error:
            self._awaited.again(tokens)
            return self._failed(self._look, error)
        self._failures.pop(self._look, None)
        self._found(found)
        return True

    def _found(self, tokens: Iterable[Token]) -> None:
        readers = self._awaited.found(tokens)
        if self._show is None:
            _answer(readers)
        elif readers:
            self._held += readers
            self._shows.begin()

    async def _show_once(self) -> bool:
        """Serves the readers whose writes are held now; those that are found from here on are for the next round."""
        assert self._show is not None
        readers, self._held = self._held, []
        readers = [reader for reader in readers if not reader.done()]
        if not readers:
            return True
        SHOWN.labels(self._view).inc()
        try:
            await self._show()
        except Exception as error:
            self._held += readers
            return self._failed(self._show, error)
        self._failures.pop(self._show, None)
        _answer(readers)
        return True

    def _failed(self, work: object, error: Exception) -> bool:
        if not isinstance(error, Unavailable) and type(error) is not type(self._failures.get(work)):
            log.exception("lookup of writes failed; retrying", view=self._view)
        self._failures[work] = error
        return False


def _answer(readers: Iterable[Reader]) -> None:
    for reader in readers:
        if not reader.done():
            reader.set_result(None)
