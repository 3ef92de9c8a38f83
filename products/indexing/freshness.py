"""The freshness of the search index from each database that it has rows of, stored beside it in Elasticsearch."""

from __future__ import annotations

from typing import Any

from elasticsearch import AsyncElasticsearch, BadRequestError, ConflictError

from chassis.kafka.freshness import FreshUntil
from contracts.products import SEARCH_FRESHNESS, SEARCH_INDEX

_MAPPINGS: dict[str, Any] = {"dynamic": "strict", "properties": {"fresh_until": {"type": "date"}}}


async def make_index(elasticsearch: AsyncElasticsearch, replicas: int) -> None:
    """Create the index, unless it exists."""
    if await elasticsearch.indices.exists(index=SEARCH_FRESHNESS):
        return
    settings = {"number_of_shards": 1, "number_of_replicas": replicas}
    try:
        await elasticsearch.indices.create(index=SEARCH_FRESHNESS, settings=settings, mappings=_MAPPINGS)
    except BadRequestError:  # another worker created it first
        if not await elasticsearch.indices.exists(index=SEARCH_FRESHNESS):
            raise


async def note(elasticsearch: AsyncElasticsearch, fresh: FreshUntil) -> None:
    """Store the freshness; it never decreases. Everything indexed by then can be found when this returns."""
    await elasticsearch.indices.refresh(index=SEARCH_INDEX)
    try:
        await elasticsearch.index(
            index=SEARCH_FRESHNESS,
            id=fresh.source,
            document={"fresh_until": fresh.moment.isoformat()},
            version=int(fresh.moment.timestamp() * 1000),
            version_type="external_gte",
        )
    except ConflictError:  # another worker stored a later time
        pass
