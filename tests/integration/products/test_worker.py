"""What the products worker makes of rows in a real Elasticsearch, and what a search finds there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from itertools import permutations
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from aiokafka import ConsumerRecord
from elasticsearch import AsyncElasticsearch

from chassis.chunks.batch import Batch, Entry, position_after
from chassis.chunks.handling import ViewLost, handle_safely
from chassis.databases.elasticsearch import client
from chassis.databases.migrations import migrate_mysql
from chassis.http.errors.problems import Unavailable
from contracts.products import PRODUCTS, ProductRow, StockedProduct
from products import settings
from products.agents import index_products
from products.indexing import search
from search import catalogue
from search.catalogue import ProductSearches
from search.pagination import SearchRequest
from search.request import ProductQuery, ProductSort
from search.response import IndexedProduct
from tests.support.aside import Aside
from tests.support.eventually import eventually
from tests.support.shop.people import parameters

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
async def elasticsearch(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncElasticsearch]:
    """With an index of each test's own, since what is found is ranked among all that is there."""
    alias = a_word()
    monkeypatch.setattr(search, "SEARCH_INDEX", alias)
    monkeypatch.setattr(catalogue, "SEARCH_INDEX", alias)
    opened = client()
    await search.make_index(opened, replicas=0)
    database = settings.database()
    await migrate_mysql(database, settings.MIGRATIONS)
    await database.close()
    yield opened
    await opened.indices.delete(index=f"{alias}-1")
    await opened.close()


async def index(elasticsearch: AsyncElasticsearch, batch: Batch) -> None:
    """As the worker does."""
    database = settings.database()
    try:
        await index_products(elasticsearch, database, batch)
    finally:
        await database.close()


def the_index() -> str:
    """The alias that the fixture has set for this test."""
    return str(vars(search)["SEARCH_INDEX"])


def a_word() -> str:
    return f"q{uuid4().hex[:10]}"


def a_row(name: str, **changes: Any) -> ProductRow:
    row = {
        "sku": f"W-{name}",
        "name": name,
        "description": None,
        "price": Decimal("18.0000"),
        "currency": "USD",
        "type": None,
        "length": None,
        "width": None,
        "height": None,
        "weight": Decimal("1.250"),
        "unit": None,
        "categories": '[{"name": "Beverages", "description": null}]',
        "active": True,
        "created_at": NOON,
        "updated_at": NOON,
        "version": 1,
    }
    return ProductRow(**row | changes)


def a_batch(*rows: ProductRow) -> Batch:
    records = [
        ConsumerRecord("products", 0, offset, 0, 0, None, b"{}", None, 0, 0, ()) for offset, _ in enumerate(rows)
    ]
    entries = [Entry(row, record) for row, record in zip(rows, records, strict=True)]
    return Batch(PRODUCTS, entries, position_after(records[-1]))


async def listed(text: str, limit: int = 10) -> list[IndexedProduct]:
    searches = ProductSearches(the_index())
    asked = SearchRequest(ProductQuery(text), ProductSort.RELEVANCE, limit)
    try:
        return [hit.product for hit in (await searches.search(asked)).hits]
    finally:
        await searches.close()


async def found(elasticsearch: AsyncElasticsearch, text: str, limit: int = 10) -> list[IndexedProduct]:
    await elasticsearch.indices.refresh(index=the_index())
    return await listed(text, limit)


async def skus(elasticsearch: AsyncElasticsearch, text: str) -> list[str]:
    return [each.sku for each in await found(elasticsearch, text)]


async def test_a_product_is_found_soon_without_asking_for_a_refresh(elasticsearch):
    word = a_word()

    await index(elasticsearch, a_batch(a_row(word)))

    async def is_found() -> None:
        assert [each.name for each in await listed(word)] == [word]

    await eventually(is_found)


async def test_what_is_found_is_the_product_as_the_service_shows_it(elasticsearch, products):
    word = a_word()
    await index(elasticsearch, a_batch(a_row(word, version=7)))
    await elasticsearch.indices.refresh(index=the_index())

    [shown] = (await products.get("/products", params={"text": word})).json()["items"]

    assert (shown["price"], shown["weight"], shown["version"]) == ("18.00", 1.25, 7)
    assert shown["categories"] == ["beverages"]


WORD = a_word()
HISTORY = [
    a_row(WORD, price=Decimal(1)),
    a_row(WORD, price=Decimal(2), version=2),
    a_row(WORD, price=Decimal(2), version=2),
    a_row(WORD, price=Decimal(3), version=3),
]


async def test_a_product_is_the_same_however_its_rows_arrive(elasticsearch):
    arrivals, documents = list(permutations(range(len(HISTORY)))), {}
    for arrival in arrivals:
        sku = f"W-{a_word()}"
        for number in arrival:
            await index(elasticsearch, a_batch(msgspec.structs.replace(HISTORY[number], sku=sku)))
        document = await elasticsearch.get(index=the_index(), id=sku)
        documents[arrival] = (document["_version"], document["_source"]["price"])

    assert documents == dict.fromkeys(arrivals, (3, "3.00"))


async def test_a_deleted_product_is_not_found_and_no_duplicate_brings_it_back(elasticsearch):
    word = a_word()
    history = [a_row(word), a_row(word, version=2), a_row(word, version=2, is_deleted=True)]

    for arrival in permutations(history):
        sku = f"W-{a_word()}"
        for row in arrival:
            await index(elasticsearch, a_batch(msgspec.structs.replace(row, sku=sku)))

        assert await skus(elasticsearch, word) == [], arrival


async def test_a_sku_made_again_is_found_again(elasticsearch):
    word = a_word()
    await index(elasticsearch, a_batch(a_row(word, is_deleted=True)))

    await index(elasticsearch, a_batch(a_row(word, version=1_795_411_371_770)))

    assert await skus(elasticsearch, word) == [f"W-{word}"]


async def test_a_row_that_no_index_can_take_is_set_aside_alone(elasticsearch):
    word = a_word()
    rows = [a_row(word, sku=f"{word}-{n}") for n in range(20)]
    rows[7] = a_row(word, sku=f"{word}-7", currency="ZZZ")
    rows[11] = a_row(word, sku=f"{word}-11", categories="{}")
    rows[13] = a_row(word, sku=f"{word}-13", version=-1)
    aside = Aside()

    await handle_safely(a_batch(*rows), partial(index, elasticsearch), aside)

    every = await found(elasticsearch, word, limit=30)
    assert sorted(aside.offsets) == [11, 13]
    assert len(every) == 18


@pytest.mark.parametrize(
    "text",
    ["pepper sauce", "PEPPERS", "sauce peper", "Cremé", "crème", "teas", "anton's", "antons"],
)
async def test_words_are_found_however_they_are_written(elasticsearch, text):
    sku = a_word()
    words = "Chef Anton's Pepper Sauce, crème"
    await index(elasticsearch, a_batch(a_row(words, sku=sku, categories='[{"name": "Teas"}]')))

    assert sku in await skus(elasticsearch, text)


async def test_a_sku_is_found_by_itself_and_by_its_beginning(elasticsearch):
    word = a_word()
    await index(elasticsearch, a_batch(*(a_row("Chai", sku=f"{word}-{n}") for n in range(3))))

    assert await skus(elasticsearch, f"{word}-1".upper()) == [f"{word}-1"]
    assert await skus(elasticsearch, word) == [f"{word}-{n}" for n in range(3)]


async def test_a_client_turns_the_pages_of_a_search(elasticsearch, products):
    word = a_word()
    await index(elasticsearch, a_batch(*(a_row(word, sku=f"{word}-{n}") for n in range(5))))
    await elasticsearch.indices.refresh(index=the_index())

    seen: list[str] = []
    cursor, url = "", f"/products?text={word}&limit=2"
    while url and len(seen) < 10:
        answer = await products.get(url)
        seen += [product["sku"] for product in answer.json()["items"]]
        cursor, url = answer.json()["nextCursor"] or cursor, answer.links.get("next", {}).get("url", "")
    elsewhere = await products.get("/products", params={"text": "other", "cursor": cursor})

    assert seen == [f"{word}-{n}" for n in range(5)]
    assert parameters(elsewhere) == ["cursor"]


async def test_making_the_index_again_changes_nothing(elasticsearch):
    word = a_word()
    await index(elasticsearch, a_batch(a_row(word)))

    await search.make_index(elasticsearch, replicas=0)

    assert await skus(elasticsearch, word) == [f"W-{word}"]


async def test_without_its_index_the_search_is_unavailable(elasticsearch, monkeypatch):
    monkeypatch.setattr(search, "SEARCH_INDEX", a_word())

    with pytest.raises(Unavailable):
        await listed("chai")
    with pytest.raises(ViewLost):
        await search.write(elasticsearch, [StockedProduct.of(a_row(a_word()))])
