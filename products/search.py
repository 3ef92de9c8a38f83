"""All that `products` writes to Elasticsearch: the index and its documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from elasticsearch import ApiError, AsyncElasticsearch, BadRequestError

from chassis.chunks.handling import BadRecord, RetryLater, ViewLost
from chassis.databases.elasticsearch import raise_unavailable
from chassis.logs import logger
from contracts.products import SEARCH_INDEX, ProductRow
from products import indices
from search.documents import document

log = logger(__name__)

_OLDER_DUPLICATE = 409
_REFUSED = (400, 413)


class NotIndexed(RetryLater):
    """Elasticsearch did not take a document, for a reason that passes."""


async def make_index(elasticsearch: AsyncElasticsearch, replicas: int) -> None:
    """Make the index and its alias, unless the alias is there: then whoever made it knows better."""
    if await elasticsearch.indices.exists_alias(name=SEARCH_INDEX):
        await indices.give_place_for_digests(elasticsearch, SEARCH_INDEX)
        if await indices.is_from_before(elasticsearch, SEARCH_INDEX):
            log.warning("the search index is of an earlier version: run `oms rebuild search`")
        return
    try:
        await indices.create(elasticsearch, SEARCH_INDEX, replicas)
    except BadRequestError:  # another worker was faster
        if not await elasticsearch.indices.exists_alias(name=SEARCH_INDEX):
            raise


async def check_index(elasticsearch: AsyncElasticsearch) -> None:
    """Return when the index is there. Raises Unavailable or LookupError."""
    with raise_unavailable():
        if not await elasticsearch.indices.exists_alias(name=SEARCH_INDEX):
            raise LookupError(f"there is no index {SEARCH_INDEX}")


async def is_empty(elasticsearch: AsyncElasticsearch) -> bool:
    """Whether the index holds nothing, so that it must be filled from the start of the topic."""
    await elasticsearch.indices.refresh(index=SEARCH_INDEX)
    return bool((await elasticsearch.count(index=SEARCH_INDEX))["count"] == 0)


async def write(elasticsearch: AsyncElasticsearch, rows: Sequence[ProductRow]) -> None:
    """Write each row unless the index has it newer, and to the next index too while one is filled.

    Safe to repeat and in any order. Raises BadRecord when a row is refused for what it is, anything else when
    Elasticsearch is away or too busy.
    """
    if not rows:
        return
    # Looked for before anything is written: if there is none yet, its filling will come upon these rows by itself. And
    # written first, to be found at once, so that whatever is found in the live one is found in the next one too.
    next_index = indices.next_of(SEARCH_INDEX)
    if await elasticsearch.indices.exists_alias(name=next_index):
        for refused in await write_to(elasticsearch, next_index, rows, refresh=True):
            log.warning("refused by the next index", reason=str(refused))
    for refused in await write_to(elasticsearch, SEARCH_INDEX, rows):
        raise refused


async def write_to(
    elasticsearch: AsyncElasticsearch, alias: str, rows: Sequence[ProductRow], *, refresh: bool = False
) -> list[BadRecord]:
    """Write each row unless the index behind the alias has it newer. Returns what it refused.

    Raises BadRecord for a row that is no document, ViewLost when the live index is missing, and NotIndexed.
    """
    # The client takes lines that are encoded already, and its type does not say so.
    operations: list[Any] = [part for row in rows for part in _operation(alias, row)]
    try:
        # Elasticsearch would make an index of its own guess where the alias is missing.
        answer = await elasticsearch.options(request_timeout=indices.BULK_TIMEOUT_S).bulk(
            operations=operations, require_alias=True, refresh=refresh
        )
    except ApiError as error:
        if error.meta.status in _REFUSED:
            raise BadRecord(str(error)) from error
        raise
    return [refused for item in answer["items"] if (refused := _refusal(alias, item["index"]))]


def _operation(alias: str, row: ProductRow) -> tuple[bytes, bytes]:
    try:
        body = msgspec.json.encode(document(row))
    except (ValueError, ArithmeticError) as error:
        raise BadRecord(str(error)) from error
    version = {"version": row.newest_version, "version_type": "external"}
    return msgspec.json.encode({"index": {"_index": alias, "_id": row.sku, **version}}), body


def _refusal(alias: str, result: dict[str, Any]) -> BadRecord | None:
    status = result["status"]
    if status < 300 or status == _OLDER_DUPLICATE:
        return None
    reason = f"{result['_id']}: {result['error']['type']}: {result['error']['reason']}"
    if result["error"]["type"] == "index_not_found_exception" and alias == SEARCH_INDEX:
        raise ViewLost(reason)
    if status not in _REFUSED:  # also when the next index has just become the live one: the next try sees it there
        raise NotIndexed(reason)
    return BadRecord(reason)
