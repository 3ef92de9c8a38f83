"""Compares an index that was filled anew with the live one, version by version, while both go on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import msgspec
from elasticsearch import AsyncElasticsearch

from contracts.products import SEARCH_INDEX

PAGE = 2000


class Difference(NamedTuple):
    """A product that the live index has newer. None is a version that is not there."""

    sku: str
    live_version: int
    version: int | None

    def __str__(self) -> str:
        return f"{self.sku}: the live index has version {self.live_version}, the new one {self.version or 'nothing'}"


async def remember_deletions(elasticsearch: AsyncElasticsearch, index: str) -> None:
    """Keep what the live index has marked as deleted: a compacted topic forgets in time that a product was deleted."""
    async for hits in _pages(elasticsearch, {"term": {"deleted": True}}):
        operations: list[Any] = []
        for hit in hits:
            version = {"version": hit["_version"], "version_type": "external"}
            operations += [msgspec.json.encode({"index": {"_id": hit["_id"], **version}}), hit["_source"]]
        await elasticsearch.bulk(index=index, operations=operations)


async def differences(elasticsearch: AsyncElasticsearch, index: str) -> list[Difference]:
    """The products that the live index has and the other has not, or has older.

    The worker writes to the other one first, so it is never behind the live one.
    """
    found = []
    async for hits in _pages(elasticsearch, {"match_all": {}}):
        same = await elasticsearch.mget(index=index, ids=[hit["_id"] for hit in hits], source=False)
        for hit, other in zip(hits, same["docs"], strict=True):
            is_missing = not other.get("found") and not hit["_source"]["deleted"]
            if is_missing or other.get("_version", hit["_version"]) < hit["_version"]:
                found.append(Difference(hit["_id"], hit["_version"], other.get("_version")))
    return found


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
