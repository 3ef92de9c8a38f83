"""`oms rebuild search` and its undoing: fill an index beside the live one, which the worker writes too, and swap."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch

from chassis.chunks.batch import Batch
from chassis.databases.elasticsearch import client
from contracts.products import PRODUCTS, SEARCH_INDEX
from oms.repair.rebuild import against_mysql, bar
from oms.repair.rebuild.alone import alone
from oms.repair.rebuild.filling import Sources, filling
from oms.repair.rebuild.outcomes import NothingToUndo
from oms.terminal import console, good
from products import indices, search
from products.settings import replicas

CONSUMER = "products"
PAGE = 2000
"""Deleted products that are copied in one request."""


async def rebuild() -> None:
    """Fill an index anew and put it in the place of the live one, which is kept.

    What an interrupted rebuild has done is begun anew. Raises RebuildRunning, NothingToUndo, Differs.
    """

    async def made(elasticsearch: AsyncElasticsearch) -> str:
        return await indices.create(elasticsearch, SEARCH_INDEX, replicas(), named=indices.next_of(SEARCH_INDEX))

    await _bring_in(made)
    console.print(good("the search index was made anew and is in place; `oms rebuild undo search` takes it back"))


async def undo() -> None:
    """Put the previous index in place again, once it is current. Raises NothingToUndo, and as `rebuild` does."""

    async def previous(elasticsearch: AsyncElasticsearch) -> str:
        index = await indices.behind(elasticsearch, indices.previous_of(SEARCH_INDEX))
        if index is None:
            raise NothingToUndo("there is no search index from before a rebuild")
        await indices.fill_again(elasticsearch, SEARCH_INDEX, index)
        return index

    await _bring_in(previous)
    console.print(good("the previous search index is in place again; `oms rebuild undo search` takes that back"))


async def _bring_in(choose: Callable[[AsyncElasticsearch], Coroutine[Any, Any, str]]) -> None:
    async with alone("search index"), client() as elasticsearch:
        await indices.give_up_next(elasticsearch, SEARCH_INDEX)
        try:
            await _fill_and_swap(elasticsearch, await choose(elasticsearch))
        finally:
            await indices.give_up_next(elasticsearch, SEARCH_INDEX)


async def _fill_and_swap(elasticsearch: AsyncElasticsearch, index: str) -> None:
    """Once the alias is there, the worker writes all that comes; what came before is read from the topic here."""

    async def index_next(batch: Batch) -> None:
        if rows := batch.newest(PRODUCTS):
            for refused in await search.write_to(elasticsearch, indices.next_of(SEARCH_INDEX), rows):
                raise refused

    sources = Sources(CONSUMER)
    sources.reads(PRODUCTS, handle=index_next)
    async with filling(sources, {}) as fill:
        await bar.until_current(fill, "search index")
        fill.passed_over.tell()
    await _copy_deletions(elasticsearch, index)
    await elasticsearch.indices.refresh(index=index)
    await against_mysql.check_search(index)
    await elasticsearch.indices.refresh(index=index)
    await indices.put_in_place(elasticsearch, SEARCH_INDEX, index)


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
