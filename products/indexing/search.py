"""Writes the search index and its documents to Elasticsearch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from elasticsearch import ApiError, AsyncElasticsearch, BadRequestError

from chassis.chunks.handling import BadRecord, RetryLater, ViewLost
from chassis.databases.elasticsearch import raise_unavailable
from chassis.logs import logger
from contracts.products import SEARCH_INDEX, StockedProduct
from products.indexing import indices
from search.documents import document

log = logger(__name__)

_OLDER_DUPLICATE = 409
_REFUSED = (400, 413)


class NotIndexed(RetryLater):
    """Elasticsearch refused a document for a temporary reason."""


async def make_index(elasticsearch: AsyncElasticsearch, replicas: int) -> None:
    """Create the index and its alias, unless the alias exists."""
    if await elasticsearch.indices.exists_alias(name=SEARCH_INDEX):
        await indices.add_new_fields(elasticsearch, SEARCH_INDEX)
        if await indices.is_outdated(elasticsearch, SEARCH_INDEX):
            log.warning("search index outdated: run `oms rebuild search`")
        return
    try:
        await indices.create(elasticsearch, SEARCH_INDEX, replicas)
    except BadRequestError:  # another worker created it first
        if not await elasticsearch.indices.exists_alias(name=SEARCH_INDEX):
            raise


async def check_index(elasticsearch: AsyncElasticsearch) -> None:
    """Check that the index exists. Raises Unavailable or LookupError."""
    with raise_unavailable():
        if not await elasticsearch.indices.exists_alias(name=SEARCH_INDEX):
            raise LookupError(f"there is no index {SEARCH_INDEX}")


async def is_empty(elasticsearch: AsyncElasticsearch) -> bool:
    """Whether the index is empty, so that the topic must be read from the beginning."""
    await elasticsearch.indices.refresh(index=SEARCH_INDEX)
    return bool((await elasticsearch.count(index=SEARCH_INDEX))["count"] == 0)


async def write(elasticsearch: AsyncElasticsearch, rows: Sequence[StockedProduct]) -> None:
    """Write each row unless the index has a newer one; also to the next index while one is filled.

    Safe to repeat and in any order. Raises BadRecord if a row is refused for its content, anything else if
    Elasticsearch is unavailable or overloaded.
    """
    if not rows:
        return
    # Checked before anything is written: if there is no next index yet, filling it will read these rows. It is written
    # first and refreshed, so that whatever is found in the live index is found in the next one too.
    next_index = indices.next_of(SEARCH_INDEX)
    if await elasticsearch.indices.exists_alias(name=next_index):
        for refused in await write_to(elasticsearch, next_index, rows, refresh=True):
            log.warning("document refused by the next index", reason=str(refused))
    for refused in await write_to(elasticsearch, SEARCH_INDEX, rows):
        raise refused


async def write_to(
    elasticsearch: AsyncElasticsearch,
    alias: str,
    rows: Sequence[StockedProduct],
    *,
    refresh: bool = False,
    overwrites: bool = False,
) -> list[BadRecord]:
    """Write each row unless the index of the alias has a newer one. Returns the refused ones.

    With `overwrites`, also if it has the same version, which an earlier release may have written without some fields.

    Raises BadRecord for a row that cannot become a document, ViewLost if the live index is missing, and NotIndexed.
    """
    # The client accepts encoded lines, which its type does not say.
    operations: list[Any] = [part for row in rows for part in _operation(alias, row, overwrites=overwrites)]
    try:
        # Without require_alias Elasticsearch would create an index if the alias is missing.
        answer = await elasticsearch.options(request_timeout=indices.BULK_TIMEOUT_S).bulk(
            operations=operations, require_alias=True, refresh=refresh
        )
    except ApiError as error:
        if error.meta.status in _REFUSED:
            raise BadRecord(str(error)) from error
        raise
    return [refused for item in answer["items"] if (refused := _refusal(alias, item["index"]))]


def _operation(alias: str, row: StockedProduct, *, overwrites: bool) -> tuple[bytes, bytes]:
    try:
        body = msgspec.json.encode(document(row))
    except (ValueError, ArithmeticError) as error:
        raise BadRecord(str(error)) from error
    version = {"version": row.document_version, "version_type": "external_gte" if overwrites else "external"}
    return msgspec.json.encode({"index": {"_index": alias, "_id": row.sku, **version}}), body


def _refusal(alias: str, result: dict[str, Any]) -> BadRecord | None:
    status = result["status"]
    if status < 300 or status == _OLDER_DUPLICATE:
        return None
    reason = f"{result['_id']}: {result['error']['type']}: {result['error']['reason']}"
    if result["error"]["type"] == "index_not_found_exception" and alias == SEARCH_INDEX:
        raise ViewLost(reason)
    if status not in _REFUSED:  # also if the next index has just become the live one: a retry sees that
        raise NotIndexed(reason)
    return BadRecord(reason)
