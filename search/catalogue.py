"""The product search as services call it: the same by REST and by GraphQL."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

import msgspec

from chassis.databases.cached_value import CachedValue
from chassis.databases.elasticsearch_requests import WHAT, ElasticsearchRequests, RequestRefused
from chassis.http.errors.problems import Unavailable
from chassis.logs import logger
from chassis.settings import seconds
from contracts.products import SEARCH_INDEX
from search.pagination import InvalidSearchCursor, SearchPage, SearchRequest, encode, search_page
from search.points_in_time import PointsInTime
from search.response import IndexedProduct
from search.suggestions import Clause, suggested
from search.text.synonyms import CURRENT, NO_SYNONYMS, SYNONYMS_INDEX, Synonyms

log = logger(__name__)

SYNONYMS_FOR_S = 2.0
"""Changed synonyms apply to searches after at most this time."""

_NOT_THERE = 404
_NO_FIELD = b"no mapping found for field ["


class ListExpired(Exception):
    """The point in time of a list has expired; restart the list without a cursor."""


class ProductSearches:
    """Searches one index. Call `close` at the end."""

    def __init__(self, index: str | None = None, synonyms_index: str | None = None) -> None:
        index, synonyms_index = index or SEARCH_INDEX, synonyms_index or SYNONYMS_INDEX
        self._requests = ElasticsearchRequests()
        self._path = f"/{quote(index)}/_search?allow_partial_search_results=false"
        self._path_at_point = "/_search?allow_partial_search_results=false"
        self._synonyms_path = f"/{quote(synonyms_index)}/_source/{CURRENT}"
        self._lines: list[str] = []
        self._parsed = NO_SYNONYMS
        self._synonyms = CachedValue(self._read_synonyms, SYNONYMS_FOR_S)
        self._points = PointsInTime(self._requests, index, seconds("OMS_SEARCH_KEEP_S", 300))

    async def search(self, request: SearchRequest, *, has_cursors: bool = True, mark: object = None) -> SearchPage:
        """The requested page, with cursors unless not `has_cursors`; `mark` is that of `PointsInTime.now`.

        Raises ListExpired, InvalidSearchCursor, Unavailable.
        """
        synonyms = await self._synonyms.get()
        if has_cursors and request.start is None and request.end is None:
            request = replace(request, point=await self._points.now(mark))
        return await search_page(request, synonyms, self._send, self._points.keep_alive)

    async def suggest(self, text: str, size: int) -> list[IndexedProduct]:
        """Products that complete an unfinished text, the best first. Raises Unavailable."""

        async def execute(body: Clause) -> bytes:
            return await self._send(encode(body), False)

        return await suggested(text, size, await self._synonyms.get(), execute)

    async def close(self) -> None:
        """Close all connections."""
        await self._synonyms.close()
        await self._requests.close()

    async def _send(self, body: bytes, is_at_point: bool) -> bytes:
        try:
            return await self._requests.send("POST", self._path_at_point if is_at_point else self._path, body)
        except RequestRefused as refused:
            if refused.status == _NOT_THERE:
                raise ListExpired if is_at_point else Unavailable(WHAT) from refused
            if _NO_FIELD in refused.reason and b'"suggest"' in body:  # an index from before a field existed
                return await self._send(_without_corrections(body), is_at_point)
            log.warning("search rejected", reason=refused.reason.decode(errors="replace")[:1000])
            if b'"search_after"' in body:
                raise InvalidSearchCursor from refused
            raise

    async def _read_synonyms(self) -> Synonyms:
        try:
            stored = await self._requests.send("GET", self._synonyms_path)
        except RequestRefused as refused:
            if refused.status == _NOT_THERE:
                return NO_SYNONYMS
            raise
        lines = msgspec.json.decode(stored, type=_SynonymsDocument).lines
        if lines != self._lines:
            self._lines, self._parsed = lines, Synonyms(lines)
        return self._parsed


class _SynonymsDocument(msgspec.Struct):
    lines: list[str]


def _without_corrections(body: bytes) -> bytes:
    search: dict[str, Any] = msgspec.json.decode(body)
    del search["suggest"]
    return encode(search)
