"""`oms rebuild search` and `oms rebuild undo search`: fill an index beside the live one, and swap."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch

from chassis import settings
from chassis.chunks.batch import Batch
from chassis.databases.elasticsearch import client, raise_unavailable
from chassis.databases.mysql import Database
from contracts.products import PRODUCTS, SEARCH_INDEX
from oms.repair.rebuild import mysql_comparison, progress
from oms.repair.rebuild.backfill import Sources, backfill
from oms.repair.rebuild.errors import NoPreviousView
from oms.repair.rebuild.lock import rebuild_lock
from oms.terminal import console, good
from products.indexing import indices, search, stock
from products.settings import replicas

CONSUMER = "products"
PAGE = 2000
"""Deleted products that are copied in one request."""


async def rebuild() -> None:
    """Rebuild the search index and swap it with the live one, which is kept.

    An interrupted rebuild starts again from the beginning. Raises RebuildRunning and ViewDiffers.
    """

    async def create_next(elasticsearch: AsyncElasticsearch) -> str:
        return await indices.create(elasticsearch, SEARCH_INDEX, replicas(), named=indices.next_of(SEARCH_INDEX))

    await _replace_live(create_next)
    console.print(good("the search index was rebuilt; `oms rebuild undo search` reverts to the previous one"))


async def undo() -> None:
    """Update the previous index and swap it in. Raises NoPreviousView, and the errors of `rebuild`."""

    async def previous(elasticsearch: AsyncElasticsearch) -> str:
        index = await indices.index_of(elasticsearch, indices.previous_of(SEARCH_INDEX))
        if index is None:
            raise NoPreviousView("there is no previous search index")
        await indices.resume_filling(elasticsearch, SEARCH_INDEX, index)
        return index

    await _replace_live(previous)
    console.print(good("reverted to the previous search index; `oms rebuild undo search` reverts that"))


async def _replace_live(choose: Callable[[AsyncElasticsearch], Coroutine[Any, Any, str]]) -> None:
    """Raises Unavailable, beside the errors of `rebuild`: Elasticsearch may be busy, so each request has much time."""
    async with rebuild_lock("search index"), client() as opened:
        elasticsearch = opened.options(request_timeout=indices.BULK_TIMEOUT_S)
        with raise_unavailable():
            await indices.drop_next(elasticsearch, SEARCH_INDEX)
            try:
                await _fill_and_swap(elasticsearch, await choose(elasticsearch))
            finally:
                await indices.drop_next(elasticsearch, SEARCH_INDEX)


async def _fill_and_swap(elasticsearch: AsyncElasticsearch, index: str) -> None:
    """The worker writes new rows through the alias of the next index; the earlier ones are read from the topic here.

    Their stock is that of the worker's replica.
    """

    database = Database(settings.mysql("oms_cdc", "OMS_CDC_PASSWORD", "products"))

    async def index_next(batch: Batch) -> None:
        if rows := await stock.with_stock(database, batch.newest(PRODUCTS)):
            alias = indices.next_of(SEARCH_INDEX)
            for refused in await search.write_to(elasticsearch, alias, rows, overwrites=True):
                raise refused

    sources = Sources(CONSUMER)
    sources.reads(PRODUCTS, handle=index_next)
    try:
        async with backfill(sources, {}) as fill:
            await progress.until_current(fill, "search index")
            fill.skipped.report()
    finally:
        await database.close()
    await _copy_deletions(elasticsearch, index)
    await elasticsearch.indices.refresh(index=index)
    await mysql_comparison.check_search(index)
    await elasticsearch.indices.refresh(index=index)
    await indices.make_live(elasticsearch, SEARCH_INDEX, index)


async def _copy_deletions(elasticsearch: AsyncElasticsearch, index: str) -> None:
    """Copy the documents that the live index marks as deleted: compaction removes deletions from the topic in time."""
    async for hits in _pages(elasticsearch, {"term": {"deleted": True}}):
        operations: list[Any] = []
        for hit in hits:
            version = {"version": hit["_version"], "version_type": "external"}
            operations += [msgspec.json.encode({"index": {"_id": hit["_id"], **version}}), hit["_source"]]
        await elasticsearch.bulk(index=index, operations=operations)


async def _pages(elasticsearch: AsyncElasticsearch, query: dict[str, Any]) -> AsyncIterator[list[dict[str, Any]]]:
    """Pages of the live documents that match, ordered by SKU."""
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
