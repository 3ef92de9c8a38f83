"""Searches an index as the services do, to judge the order of the results."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from benchmarks.search.judgements import AT
from chassis.databases.elasticsearch_requests import ElasticsearchRequests
from contracts.products import SEARCH_INDEX
from search.pagination import SearchPage, SearchRequest, encode, search_page
from search.request import ProductQuery, ProductSort
from search.suggestions import suggested
from search.text.synonyms import Synonyms


class Ranking:
    """Searches with the rules of one synonyms file."""

    def __init__(self, requests: ElasticsearchRequests, synonyms: Synonyms, index: str) -> None:
        self._requests = requests
        self._synonyms = synonyms
        self._path = f"/{index}/_search"

    async def page(self, text: str, sort: ProductSort = ProductSort.RELEVANCE, size: int = AT) -> SearchPage:
        """The first page."""

        async def send(body: bytes, _: bool) -> bytes:
            return await self._requests.send("POST", self._path, body)

        return await search_page(SearchRequest(ProductQuery(text=text), sort, size), self._synonyms, send, "1m")

    async def skus(self, text: str, sort: ProductSort = ProductSort.RELEVANCE, size: int = AT) -> list[str]:
        """The SKUs of the first page."""
        return [hit.product.sku for hit in (await self.page(text, sort, size)).hits]

    async def suggested(self, text: str) -> list[str]:
        """The SKUs of the suggestions for an unfinished text, best first."""

        async def execute(body: dict[str, Any]) -> bytes:
            return await self._requests.send("POST", self._path, encode(body))

        return [product.sku for product in await suggested(text, AT, self._synonyms, execute)]


@asynccontextmanager
async def ranking(synonyms: Synonyms, index: str = SEARCH_INDEX) -> AsyncIterator[Ranking]:
    """A ranking with its own connections."""
    requests = ElasticsearchRequests()
    try:
        yield Ranking(requests, synonyms, index)
    finally:
        await requests.close()
