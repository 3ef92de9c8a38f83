"""What is seen to before an operation is carried out: that the stores it reads have what the request wants to see."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from elasticsearch import AsyncElasticsearch

from chassis.databases.postgres import Database
from chassis.http.problems import Unavailable
from chassis.tasks import end
from gateway import errors
from gateway.consistency.freshness import SEARCH, Watermarks
from gateway.consistency.read_model import ReadModelNews
from gateway.consistency.read_preferences import Wish
from gateway.consistency.reads import Reads
from gateway.consistency.search import SearchNews
from gateway.consistency.tokens import Token
from gateway.errors import Refusal

_SOURCES = {"order": "orders", "customer": "customers", "address": "customers", "product": "products"}


class Consistency:
    """Waits for writes, and knows how fresh each source is. `close` it in the end, and with it `database`."""

    def __init__(self, database: Database, search: AsyncElasticsearch, stale_ms: int, most_wait_ms: int) -> None:
        self.watermarks = Watermarks(stale_ms)
        self._most_wait_ms = most_wait_ms
        self._database = database
        self._read_model = ReadModelNews(database, self.watermarks)
        self._search = SearchNews(search, self.watermarks)
        self._fulfilled = 0

    @property
    def mark(self) -> tuple[int | None, int]:
        """Changes whenever more is known to be in the search index: what was found before may lack it."""
        return self.watermarks.until_ms(SEARCH), self._fulfilled

    def start(self) -> None:
        """Hear what the projections say, from now on. To be told so again changes nothing."""
        self._read_model.start()
        self._search.start()

    async def close(self) -> None:
        """Hear no more."""
        await asyncio.gather(self._read_model.close(), self._search.close())
        await self._database.close()

    async def fulfil(self, wish: Wish, reads: Reads) -> None:
        """Return when the stores have all that is wished for. Raises Refusal when they do not in time."""
        if wish.tokens:
            await self._wait_for(wish, reads)
            self._fulfilled += 1
        if wish.max_staleness_ms is not None:
            self._refuse_stale(wish.max_staleness_ms, reads)

    async def _wait_for(self, wish: Wish, reads: Reads) -> None:
        timeout_s = min(wish.timeout_ms, self._most_wait_ms) / 1000
        found = [token for token in wish.tokens if token.kind == "product"] if reads.searches else []
        shown = wish.tokens if reads.uses_read_model else [each for each in wish.tokens if each not in found]
        waits = [(self._read_model.waiting, shown), (self._search.waiting, found)]
        waiting = [asyncio.create_task(view.wait_for(tokens, timeout_s)) for view, tokens in waits if tokens]
        try:
            await asyncio.gather(*waiting)
        except TimeoutError as error:
            raise self._not_yet(wish.tokens, reads) from error
        except Unavailable as error:
            raise errors.unavailable(error.detail) from error
        finally:
            await end(*waiting)

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
