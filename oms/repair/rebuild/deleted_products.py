"""What an index that was filled anew takes over from the live one: that products were deleted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch

from contracts.products import SEARCH_INDEX

PAGE = 2000


async def remember_deletions(elasticsearch: AsyncElasticsearch, index: str) -> None:
    """Keep what the live index has marked as deleted: a compacted topic forgets in time that a product was deleted."""
    async for hits in _pages(elasticsearch, {"term": {"deleted": True}}):
        operations: list[Any] = []
        for hit in hits:
            version = {"version": hit["_version"], "version_type": "external"}
            operations += [msgspec.json.encode({"index": {"_id": hit["_id"], **version}}), hit["_source"]]
        await elasticsearch.bulk(index=index, operations=operations)


async def _pages(elasticsearch: AsyncElasticsearch, query: dict[str, Any]) -> AsyncIterator[list[dict[str, Any]]]:
    """The live documents that fit, by SKU."""
    await elasticsearch.indices.refresh(index=SEARCH_INDEX)
    last = None
    while True:
        answer = await elasticsearch.search(
            index=SEARCH_INDEX, query=query, size=PAGE, version=True, sort=["sku"], search_after=last
        )
        hits = answer["hits"]["hits"]
        if not hits:
            return
        yield hits
        last = hits[-1]["sort"]
