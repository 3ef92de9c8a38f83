"""`oms rebuild search` on real servers: the index is filled beside the live one, and takes its place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from elasticsearch import AsyncElasticsearch
from typer.testing import CliRunner

from chassis.databases.elasticsearch import client
from contracts.products import SEARCH_INDEX, ProductRow, StockedProduct
from oms.main import app
from oms.repair.rebuild import mysql_comparison
from oms.repair.rebuild import search as rebuilding
from oms.repair.rebuild.errors import NoPreviousView, RebuildRunning, ViewDiffers
from oms.repair.rebuild.lock import rebuild_lock
from products.indexing import indices, search
from tests.support.shop.on_topics import put
from tests.support.shop.small_shop import a_product

DEFINITION = msgspec.json.decode((Path(__file__).parents[3] / "products" / "indexing" / "index.json").read_bytes())
NEXT, PREVIOUS = indices.next_of(SEARCH_INDEX), indices.previous_of(SEARCH_INDEX)


@pytest.fixture
async def elasticsearch(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncElasticsearch]:
    """With an index that is live and empty, and no other. `test_oms_rebuild.py` says why MySQL is not asked here."""

    async def agrees(index: str) -> None:
        return

    monkeypatch.setattr(mysql_comparison, "check_search", agrees)
    opened = client()
    await search.make_index(opened, replicas=0)
    yield opened
    for index in await all_indices(opened):
        await opened.indices.delete(index=index)
    await opened.close()


async def all_indices(elasticsearch: AsyncElasticsearch) -> list[str]:
    return sorted((await elasticsearch.indices.get(index=f"{SEARCH_INDEX}-*")).body)


async def live(elasticsearch: AsyncElasticsearch) -> str:
    found = await indices.index_of(elasticsearch, SEARCH_INDEX)
    assert found is not None
    return found


async def heard(elasticsearch: AsyncElasticsearch, *rows: ProductRow) -> None:
    """The rows are on the topic, and the worker has written them."""
    await put(*rows)
    await search.write(elasticsearch, [StockedProduct.of(row) for row in rows])


async def found(elasticsearch: AsyncElasticsearch, word: str, alias: str = SEARCH_INDEX) -> list[str]:
    """What is found at this moment, without waiting for anything to become visible."""
    answer = await elasticsearch.search(index=alias, query={"match": {"name": word}})
    return sorted(hit["_id"] for hit in answer["hits"]["hits"])


def a_row(word: str, **changes: Any) -> ProductRow:
    return a_product(f"R-{uuid4().hex[:10]}", **{"name": word} | changes)


def with_properties(folder: Path, properties: dict[str, Any]) -> Path:
    """The index's definition with other properties, as a file."""
    file = folder / "index.json"
    file.write_bytes(msgspec.json.encode(DEFINITION | {"mappings": {"dynamic": "strict", "properties": properties}}))
    return file


def a_word() -> str:
    return f"q{uuid4().hex[:10]}"


async def test_all_that_was_found_is_found_in_the_new_index(elasticsearch: AsyncElasticsearch) -> None:
    word, before = a_word(), await live(elasticsearch)
    rows = [a_row(word) for _ in range(5)]
    await heard(elasticsearch, *rows)

    await rebuilding.rebuild()

    assert await found(elasticsearch, word) == sorted(row.sku for row in rows)
    assert await live(elasticsearch) != before
    assert await indices.index_of(elasticsearch, PREVIOUS) == before
    assert await indices.index_of(elasticsearch, NEXT) is None


async def test_the_new_index_has_the_mapping_of_today(
    elasticsearch: AsyncElasticsearch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    properties = DEFINITION["mappings"]["properties"] | {"colour": {"type": "keyword"}}
    monkeypatch.setattr(indices, "_DEFINITION", with_properties(tmp_path, properties))
    word = a_word()
    await heard(elasticsearch, a_row(word))

    await rebuilding.rebuild()

    mapping = await elasticsearch.indices.get_mapping(index=SEARCH_INDEX)
    assert "colour" in mapping[await live(elasticsearch)]["mappings"]["properties"]
    assert len(await found(elasticsearch, word)) == 1


async def test_while_an_index_is_filled_what_the_worker_writes_is_found_there_at_once(
    elasticsearch: AsyncElasticsearch,
) -> None:
    word = a_word()
    await indices.create(elasticsearch, SEARCH_INDEX, 0, named=NEXT)

    await search.write(elasticsearch, [StockedProduct.of(a_row(word))])

    assert len(await found(elasticsearch, word, NEXT)) == 1
    await elasticsearch.indices.refresh(index=SEARCH_INDEX)
    assert len(await found(elasticsearch, word)) == 1


async def test_a_chunk_that_comes_upon_the_swap_is_tried_again(elasticsearch: AsyncElasticsearch) -> None:
    row = a_row(a_word())

    with pytest.raises(search.NotIndexed):  # as when the alias goes between the look and the write
        await search.write_to(elasticsearch, NEXT, [StockedProduct.of(row)])
    await search.write(elasticsearch, [StockedProduct.of(row)])

    assert await elasticsearch.exists(index=SEARCH_INDEX, id=row.sku)


async def test_what_only_the_next_index_refuses_goes_into_the_live_one(
    elasticsearch: AsyncElasticsearch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    properties = {name: kind for name, kind in DEFINITION["mappings"]["properties"].items() if name != "weight"}
    monkeypatch.setattr(indices, "_DEFINITION", with_properties(tmp_path, properties))
    row = a_row(a_word())
    await indices.create(elasticsearch, SEARCH_INDEX, 0, named=NEXT)

    await search.write(elasticsearch, [StockedProduct.of(row)])

    assert await elasticsearch.exists(index=SEARCH_INDEX, id=row.sku)
    assert not await elasticsearch.exists(index=NEXT, id=row.sku)


async def test_what_is_not_as_mysql_has_it_is_not_put_in_place(
    elasticsearch: AsyncElasticsearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await live(elasticsearch)

    async def disagrees(index: str) -> None:
        raise ViewDiffers(index)

    monkeypatch.setattr(mysql_comparison, "check_search", disagrees)
    with pytest.raises(ViewDiffers):
        await rebuilding.rebuild()

    assert await live(elasticsearch) == before
    assert await all_indices(elasticsearch) == [before]


async def test_undo_brings_the_old_index_up_to_date_and_back(elasticsearch: AsyncElasticsearch) -> None:
    word, before = a_word(), await live(elasticsearch)
    kept, removed, changed, made = a_row(word), a_row(word), a_row(word), a_row(word)
    await heard(elasticsearch, kept, removed, changed)
    await rebuilding.rebuild()
    await heard(elasticsearch, made, a_product(changed.sku, name="other", version=2))
    # The topic has forgotten that it was deleted.
    await search.write(elasticsearch, [StockedProduct.of(a_product(removed.sku, name=word, is_deleted=True))])

    await rebuilding.undo()

    assert await live(elasticsearch) == before
    assert await found(elasticsearch, word) == sorted([kept.sku, made.sku, removed.sku])
    document = await elasticsearch.get(index=SEARCH_INDEX, id=removed.sku)
    assert document["_source"]["deleted"]
    assert len(await all_indices(elasticsearch)) == 2


async def test_one_previous_index_is_kept(elasticsearch: AsyncElasticsearch) -> None:
    await rebuilding.rebuild()
    first = await live(elasticsearch)

    await rebuilding.rebuild()

    assert await indices.index_of(elasticsearch, PREVIOUS) == first
    assert await all_indices(elasticsearch) == sorted([first, await live(elasticsearch)])


async def test_what_an_interrupted_rebuild_left_is_no_hindrance(elasticsearch: AsyncElasticsearch) -> None:
    word, stray = a_word(), a_row("stray")
    await heard(elasticsearch, a_row(word))
    await indices.create(elasticsearch, SEARCH_INDEX, 0, named=NEXT)
    await search.write_to(elasticsearch, NEXT, [StockedProduct.of(stray)])

    await rebuilding.rebuild()

    assert not await elasticsearch.exists(index=SEARCH_INDEX, id=stray.sku)
    assert len(await all_indices(elasticsearch)) == 2
    assert len(await found(elasticsearch, word)) == 1


async def test_the_previous_index_outlives_an_interrupted_undo(elasticsearch: AsyncElasticsearch) -> None:
    first = await live(elasticsearch)
    await rebuilding.rebuild()
    await indices.resume_filling(elasticsearch, SEARCH_INDEX, first)

    await rebuilding.undo()

    assert await live(elasticsearch) == first


async def test_without_a_rebuild_there_is_nothing_to_undo(elasticsearch: AsyncElasticsearch) -> None:
    with pytest.raises(NoPreviousView):
        await rebuilding.undo()


async def test_a_second_rebuild_is_refused_while_one_runs(elasticsearch: AsyncElasticsearch) -> None:
    async with rebuild_lock("search index"):
        with pytest.raises(RebuildRunning):
            await rebuilding.rebuild()


async def test_a_search_that_is_away_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_ELASTICSEARCH_PORT", "1")

    for command in (["rebuild", "search"], ["rebuild", "undo", "search"]):
        ended = await asyncio.to_thread(CliRunner().invoke, app, command)

        assert (ended.exit_code, "a server is unavailable" in ended.output) == (1, True), ended.output


async def test_an_index_is_made_beside_a_previous_one(elasticsearch: AsyncElasticsearch) -> None:
    await rebuilding.rebuild()
    gone = await live(elasticsearch)
    await elasticsearch.indices.delete(index=gone)

    await search.make_index(elasticsearch, replicas=0)

    assert await live(elasticsearch) != await indices.index_of(elasticsearch, PREVIOUS)
