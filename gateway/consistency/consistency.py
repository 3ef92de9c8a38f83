"""Ensures, before an operation is executed, that the databases it reads hold what the request requires."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from time import monotonic, time

from elasticsearch import AsyncElasticsearch

from chassis.databases.postgres import Database
from chassis.http.errors.problems import Unavailable
from chassis.tasks import end
from gateway import errors
from gateway.consistency.freshness import SEARCH, STORES, Watermarks
from gateway.consistency.read_model import ReadModelMonitor
from gateway.consistency.read_preferences import ReadPreferences
from gateway.consistency.reads import Reads
from gateway.consistency.search import SearchMonitor
from gateway.consistency.tokens import INVENTORY, Token
from gateway.consistency.waiters import LookupFailed
from gateway.errors import Refusal

SHOWN_S = 2.0
"""How long an event waits for its own change in the read model."""

_SOURCES = {
    "order": "orders",
    "customer": "customers",
    "address": "customers",
    "product": "products",
    "category": "products",
    "stock": STORES,
    "store": "inventory",
    "sourcing": "inventory",
    "reservation": "inventory",
    "restock": "inventory",
    "shipment": "shipping",
    "return": "shipping",
    "depot": "shipping",
    INVENTORY: "inventory",
}

_OF_STOCK = frozenset({"stock", "store", "sourcing", "reservation", INVENTORY})
"""The kinds of tokens whose writes may change which stores have a product. No document has their versions."""


class Consistency:
    """Waits for writes, and knows the freshness of each source. Call `close` at the end; it closes `database` too."""

    def __init__(
        self, database: Database, search: AsyncElasticsearch, watermarks: Watermarks, most_wait_ms: int
    ) -> None:
        self.watermarks = watermarks
        self._most_wait_ms = most_wait_ms
        self._database = database
        self._read_model = ReadModelMonitor(database, self.watermarks)
        self._search = SearchMonitor(search, self.watermarks)
        self._ensured = 0

    @property
    def mark(self) -> tuple[int | None, int]:
        """Changes whenever the search index is known to hold more: earlier results may be outdated."""
        return self.watermarks.until_ms(SEARCH), self._ensured

    def start(self) -> None:
        """Start to listen to the projections. Further calls have no effect."""
        self._read_model.start()
        self._search.start()

    async def close(self) -> None:
        """Stop listening."""
        await asyncio.gather(self._read_model.close(), self._search.close())
        await self._database.close()

    async def ensure(self, preferences: ReadPreferences, reads: Reads) -> None:
        """Wait until the databases meet the preferences. Raises Refusal on timeout."""
        if preferences.tokens:
            await self._wait_for(preferences, reads)
            self._ensured += 1
        if preferences.max_staleness_ms is not None:
            self._refuse_stale(preferences.max_staleness_ms, reads)

    async def until_shown(self, kind: str, identity: str, version: int) -> None:
        """Return when the read model has at least this version of what a token names, or after SHOWN_S."""
        with suppress(TimeoutError, Unavailable, LookupFailed):
            await self._read_model.waiters.wait_for([Token(kind, identity, version)], SHOWN_S)

    async def _wait_for(self, preferences: ReadPreferences, reads: Reads) -> None:
        timeout_s = min(preferences.timeout_ms, self._most_wait_ms) / 1000
        searched = [token for token in preferences.tokens if token.kind == "product"] if reads.searches else []
        read = (
            preferences.tokens
            if reads.uses_read_model
            else [each for each in preferences.tokens if each not in searched]
        )
        waits = [(self._read_model.waiters, read), (self._search.waiters, searched)]
        waiting = [asyncio.create_task(view.wait_for(tokens, timeout_s)) for view, tokens in waits if tokens]
        if reads.searches_stock and (of_stock := [each for each in preferences.tokens if each.kind in _OF_STOCK]):
            waiting.append(asyncio.create_task(self._until_stock_is_searched(of_stock, timeout_s)))
        try:
            await asyncio.gather(*waiting)
        except TimeoutError as error:
            raise self._not_yet(preferences.tokens, reads) from error
        except Unavailable as error:
            raise errors.unavailable(error.detail) from error
        finally:
            await end(*waiting)

    async def _until_stock_is_searched(self, tokens: Sequence[Token], timeout_s: float) -> None:
        """Return when searches show the stock that these writes led to. Raises as `Waiters.wait_for`.

        Central commits the stores that have a product together with the row that changed them, if they changed at all.
        So once the read model has that row, the index must have what central had committed by then.
        """
        deadline = monotonic() + timeout_s
        rows = [token for token in tokens if token.kind != INVENTORY]
        if rows:
            await self._read_model.waiters.wait_for(rows, timeout_s)
        moment_ms = int(time() * 1000) if rows else max(token.version for token in tokens)
        await self._search.waiters.wait_for([Token(INVENTORY, "", moment_ms)], deadline - monotonic())

    def _not_yet(self, tokens: Iterable[Token], reads: Reads) -> Refusal:
        sources = {_SOURCES[token.kind] for token in tokens} | ({SEARCH} if reads.searches else set())
        lags = self.watermarks.lags_ms(sorted(sources))
        return Refusal(
            errors.NOT_YET_CONSISTENT,
            "the write has not arrived in time; retry, or read without the token",
            503,
            headers={"Retry-After": "1"},
            awaited=[str(token) for token in tokens],
            lagMs=lags,
        )

    def _refuse_stale(self, most_ms: int, reads: Reads) -> None:
        lags = self.watermarks.lags_ms(sorted(reads.sources))
        if any(lag is None or lag > most_ms for lag in lags.values()):
            message = f"the data may be older than {most_ms} ms; retry"
            raise Refusal(errors.STALE, message, 503, headers={"Retry-After": "1"}, lagMs=lags)
