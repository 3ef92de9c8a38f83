"""`oms rebuild search` and its undoing: fill an index beside the live one, which the worker writes too, and swap."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from elasticsearch import AsyncElasticsearch

from chassis.chunks.batch import Batch
from chassis.databases.elasticsearch import client
from contracts.products import PRODUCTS, SEARCH_INDEX
from oms.repair.rebuild import against_mysql, bar
from oms.repair.rebuild.alone import alone
from oms.repair.rebuild.deleted_products import remember_deletions
from oms.repair.rebuild.filling import Sources, filling
from oms.repair.rebuild.outcomes import NothingToUndo
from oms.terminal import console, good
from products import indices, search
from products.settings import replicas

CONSUMER = "products"


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
        index = await indices.index_of(elasticsearch, indices.previous_of(SEARCH_INDEX))
        if index is None:
            raise NothingToUndo("there is no search index from before a rebuild")
        await indices.resume_filling(elasticsearch, SEARCH_INDEX, index)
        return index

    await _bring_in(previous)
    console.print(good("the previous search index is in place again; `oms rebuild undo search` takes that back"))


async def _bring_in(choose: Callable[[AsyncElasticsearch], Coroutine[Any, Any, str]]) -> None:
    async with alone("search index"), client() as elasticsearch:
        await indices.drop_next(elasticsearch, SEARCH_INDEX)
        try:
            await _fill_and_swap(elasticsearch, await choose(elasticsearch))
        finally:
            await indices.drop_next(elasticsearch, SEARCH_INDEX)


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
    await remember_deletions(elasticsearch, index)
    await elasticsearch.indices.refresh(index=index)
    await against_mysql.check_search(index)
    await elasticsearch.indices.refresh(index=index)
    await indices.make_live(elasticsearch, SEARCH_INDEX, index)
