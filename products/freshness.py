"""How fresh the search index is, kept in Elasticsearch beside it, for whoever searches."""

from __future__ import annotations

from typing import Any

from elasticsearch import AsyncElasticsearch, BadRequestError, ConflictError

from chassis.kafka.freshness import FreshUntil
from contracts.products import SEARCH_FRESHNESS, SEARCH_INDEX

_MAPPINGS: dict[str, Any] = {"dynamic": "strict", "properties": {"fresh_until": {"type": "date"}}}


async def make_index(elasticsearch: AsyncElasticsearch, replicas: int) -> None:
    """Make the index, unless it is there."""
    if await elasticsearch.indices.exists(index=SEARCH_FRESHNESS):
        return
    settings = {"number_of_shards": 1, "number_of_replicas": replicas}
    try:
        await elasticsearch.indices.create(index=SEARCH_FRESHNESS, settings=settings, mappings=_MAPPINGS)
    except BadRequestError:  # another worker was faster
        if not await elasticsearch.indices.exists(index=SEARCH_FRESHNESS):
            raise


async def note(elasticsearch: AsyncElasticsearch, fresh: FreshUntil) -> None:
    """Keep how fresh the index is; it never goes back. What was taken in by then can be found when this returns."""
    await elasticsearch.indices.refresh(index=SEARCH_INDEX)
    try:
        await elasticsearch.index(
            index=SEARCH_FRESHNESS,
            id=fresh.source,
            document={"fresh_until": fresh.moment.isoformat()},
            version=int(fresh.moment.timestamp() * 1000),
            version_type="external_gte",
        )
    except ConflictError:  # another worker noted more
        pass
