"""Searches an index as the services do, to judge the order of the results."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.search.judgements import AT
from chassis.databases.elasticsearch_requests import ElasticsearchRequests
from contracts.products import SEARCH_INDEX
from search.pagination import SearchRequest, search_page
from search.request import ProductQuery, ProductSort
from search.synonyms import Synonyms


class Ranking:
    """Searches with the rules of one synonyms file."""

    def __init__(self, requests: ElasticsearchRequests, synonyms: Synonyms, index: str) -> None:
        self._requests = requests
        self._synonyms = synonyms
        self._path = f"/{index}/_search"

    async def skus(self, text: str) -> list[str]:
        """The SKUs of the first page, best match first."""

        async def send(body: bytes, _: bool) -> bytes:
            return await self._requests.send("POST", self._path, body)

        asked = SearchRequest(ProductQuery(text=text), ProductSort.RELEVANCE, AT)
        return [hit.product.sku for hit in (await search_page(asked, self._synonyms, send, "1m")).hits]


@asynccontextmanager
async def ranking(synonyms: Synonyms, index: str = SEARCH_INDEX) -> AsyncIterator[Ranking]:
    """A ranking with its own connections."""
    requests = ElasticsearchRequests()
    try:
        yield Ranking(requests, synonyms, index)
    finally:
        await requests.close()
