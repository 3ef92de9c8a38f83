"""All Elasticsearch of products: the index, what is written to it, and what is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from elasticsearch import ApiError, AsyncElasticsearch, BadRequestError

from chassis.chunks.reading import BadRecord, ViewLost
from chassis.elasticsearch import away_as_unavailable
from chassis.settings import seconds
from contracts.product_documents import document
from contracts.product_search import SORT, search_query
from contracts.products import SEARCH_INDEX, ProductRow
from products.models import Product

FIRST_INDEX = f"{SEARCH_INDEX}-1"
"""The index behind the alias. One with another mapping is filled beside it and then takes over the alias."""

_DEFINITION = Path(__file__).parent / "index.json"
_BULK_TIMEOUT_S = seconds("OMS_ELASTICSEARCH_BULK_TIMEOUT_S", 30)
_OLDER_DUPLICATE = 409
_REFUSED = (400, 413)


class NotIndexed(Exception):
    """Elasticsearch did not take a document, for a reason that passes."""


@dataclass(frozen=True)
class Found:
    """A product that was found, and its place in the order of the answer."""

    product: Product
    key: list[Any]


async def make_index(elasticsearch: AsyncElasticsearch, replicas: int) -> None:
    """Make the index and its alias, unless the alias is there: then whoever made it knows better.

    An index that was made before has no place for digests, and would refuse what it has no place for: it gets one.
    """
    definition = msgspec.json.decode(_DEFINITION.read_bytes())
    if await elasticsearch.indices.exists_alias(name=SEARCH_INDEX):
        fields = definition["mappings"]["properties"].items()
        digests = {name: field for name, field in fields if name.startswith("digest_")}
        await elasticsearch.indices.put_mapping(index=SEARCH_INDEX, properties=digests)
        return
    settings = {**definition["settings"], "number_of_replicas": replicas}
    try:
        await elasticsearch.options(request_timeout=_BULK_TIMEOUT_S).indices.create(
            index=FIRST_INDEX, settings=settings, mappings=definition["mappings"], aliases={SEARCH_INDEX: {}}
        )
    except BadRequestError:  # another worker was faster
        if not await elasticsearch.indices.exists_alias(name=SEARCH_INDEX):
            raise


async def check_index(elasticsearch: AsyncElasticsearch) -> None:
    """Return when the index is there. Raises Unavailable or LookupError."""
    with away_as_unavailable():
        if not await elasticsearch.indices.exists_alias(name=SEARCH_INDEX):
            raise LookupError(f"there is no index {SEARCH_INDEX}")


async def is_empty(elasticsearch: AsyncElasticsearch) -> bool:
    """Whether the index holds nothing, so that it must be filled from the start of the topic."""
    await elasticsearch.indices.refresh(index=SEARCH_INDEX)
    return bool((await elasticsearch.count(index=SEARCH_INDEX))["count"] == 0)


async def write(elasticsearch: AsyncElasticsearch, rows: Sequence[ProductRow]) -> None:
    """Write each row unless the index has it newer. Safe to repeat and in any order.

    Raises BadRecord when a row is refused for what it is, anything else when Elasticsearch is away or too busy.
    """
    if not rows:
        return
    # The client takes lines that are encoded already, and its type does not say so.
    operations: list[Any] = [part for row in rows for part in _operation(row)]
    try:
        # Elasticsearch would make an index of its own guess where the alias is missing.
        answer = await elasticsearch.options(request_timeout=_BULK_TIMEOUT_S).bulk(
            operations=operations, require_alias=True
        )
    except ApiError as error:
        if error.meta.status in _REFUSED:
            raise BadRecord(str(error)) from error
        raise
    for item in answer["items"]:
        _check(item["index"])


async def find(elasticsearch: AsyncElasticsearch, text: str, *, after: list[Any] | None, limit: int) -> list[Found]:
    """Products that `text` fits, the best first, after the key `after`. Raises Unavailable."""
    with away_as_unavailable():
        answer = await elasticsearch.search(
            index=SEARCH_INDEX,
            query=search_query(text),
            sort=SORT,
            search_after=after,
            size=limit,
            source_excludes=["deleted", "digest_*"],
            track_total_hits=False,
            allow_partial_search_results=False,
        )
    return [Found(Product.model_validate(hit["_source"], by_name=True), hit["sort"]) for hit in answer["hits"]["hits"]]


def _operation(row: ProductRow) -> tuple[bytes, bytes]:
    try:
        body = msgspec.json.encode(document(row))
    except (ValueError, ArithmeticError) as error:
        raise BadRecord(str(error)) from error
    version = {"version": row.newest_version, "version_type": "external"}
    return msgspec.json.encode({"index": {"_index": SEARCH_INDEX, "_id": row.sku, **version}}), body


def _check(result: dict[str, Any]) -> None:
    status = result["status"]
    if status < 300 or status == _OLDER_DUPLICATE:
        return
    reason = f"{result['_id']}: {result['error']['type']}: {result['error']['reason']}"
    if result["error"]["type"] == "index_not_found_exception":
        raise ViewLost(reason)
    raise BadRecord(reason) if status in _REFUSED else NotIndexed(reason)
