"""What is seen to before an operation is carried out: that the stores it reads have what the request wants to see."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from elasticsearch import AsyncElasticsearch

from chassis.postgres import Database
from chassis.problems import Busy, Unavailable
from gateway import errors
from gateway.consistency.freshness import SEARCH, Watermarks
from gateway.consistency.read_model import ReadModelNews
from gateway.consistency.reads import Reads
from gateway.consistency.search import SearchNews
from gateway.consistency.tokens import Token
from gateway.consistency.wishes import Wish
from gateway.errors import Refusal

_SOURCES = {"order": "orders", "customer": "customers", "address": "customers", "product": "products"}


class Consistency:
    """Waits for writes, and knows how fresh each source is. `close` it in the end."""

    def __init__(self, database: Database, search: AsyncElasticsearch, stale_ms: int, most_wait_ms: int) -> None:
        self.watermarks = Watermarks(stale_ms)
        self._most_wait_ms = most_wait_ms
        self._read_model = ReadModelNews(database, self.watermarks)
        self._search = SearchNews(search, self.watermarks)

    def start(self) -> None:
        """Hear what the projections say, from now on."""
        self._read_model.start()
        self._search.start()

    async def close(self) -> None:
        """Hear no more."""
        await asyncio.gather(self._read_model.close(), self._search.close())

    async def fulfil(self, wish: Wish, reads: Reads) -> None:
        """Return when the stores have all that is wished for. Raises Refusal when they do not in time."""
        if wish.tokens:
            await self._wait_for(wish, reads)
        if wish.max_staleness_ms is not None:
            self._refuse_stale(wish.max_staleness_ms, reads)

    async def _wait_for(self, wish: Wish, reads: Reads) -> None:
        timeout_s = min(wish.timeout_ms, self._most_wait_ms) / 1000
        found = [token for token in wish.tokens if token.kind == "product"] if reads.searches else []
        shown = wish.tokens if reads.uses_read_model else [each for each in wish.tokens if each not in found]
        try:
            async with asyncio.TaskGroup() as together:
                if shown:
                    together.create_task(self._read_model.waiting.wait_for(shown, timeout_s))
                if found:
                    together.create_task(self._search.waiting.wait_for(found, timeout_s))
        except* TimeoutError as group:
            raise self._not_yet(wish.tokens, reads) from group
        except* Unavailable as group:
            raise _away(group) from group

    def _not_yet(self, tokens: Iterable[Token], reads: Reads) -> Refusal:
        sources = {_SOURCES[token.kind] for token in tokens} | ({SEARCH} if reads.searches else set())
        lags = self.watermarks.lags_ms(sorted(sources))
        return Refusal(
            errors.NOT_YET_CONSISTENT,
            "what was written has not arrived here in time; ask again, or without the token for what is here",
            503,
            headers={"Retry-After": "1"},
            awaited=[str(token) for token in tokens],
            lagMs=lags,
        )

    def _refuse_stale(self, most_ms: int, reads: Reads) -> None:
        lags = self.watermarks.lags_ms(sorted(reads.sources))
        if any(lag is None or lag > most_ms for lag in lags.values()):
            told = f"what is here may be older than {most_ms} ms"
            raise Refusal(errors.STALE, told, 503, headers={"Retry-After": "1"}, lagMs=lags)


def _away(group: BaseExceptionGroup[Unavailable]) -> Refusal:
    first = group.exceptions[0]
    detail = first.detail if isinstance(first, Unavailable | Busy) else "a store"
    return Refusal(errors.UNAVAILABLE, detail, 503, headers={"Retry-After": "1"})
