"""Reads wait for the search index: woken by its worker, and what they waited for is found by the next search."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from elasticsearch import AsyncElasticsearch

from chassis.databases.elasticsearch import client
from chassis.kafka.batch_producer import Sender
from chassis.kafka.freshness import FreshUntil
from contracts.products import PRODUCTS, ProductRow
from contracts.search_news import PRODUCTS_INDEXED
from gateway.consistency import search as gateway_search
from gateway.consistency.freshness import SEARCH, Watermarks
from gateway.consistency.search import SearchMonitor
from gateway.consistency.tokens import Token
from products import freshness, search
from products.news import index_and_announce, note_and_announce
from tests.support.eventually import eventually
from tests.support.rows import NOON, a_batch

LONG_S = 30.0


@pytest.fixture
async def elasticsearch(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncElasticsearch]:
    """With indices of each test's own, that nothing makes findable by itself."""
    alias, fresh = f"q{uuid4().hex[:10]}", f"f{uuid4().hex[:10]}"
    for module in (search, freshness, gateway_search):
        monkeypatch.setattr(module, "SEARCH_INDEX", alias)
    for module in (freshness, gateway_search):
        monkeypatch.setattr(module, "SEARCH_FRESHNESS", fresh)
    opened = client()
    await search.make_index(opened, replicas=0)
    await freshness.make_index(opened, replicas=0)
    await opened.indices.put_settings(index=alias, settings={"refresh_interval": "-1"})
    yield opened
    await opened.indices.delete(index=f"{alias}-1,{fresh}")
    await opened.close()


@pytest.fixture
async def sender(servers: dict[str, str]) -> AsyncIterator[Sender]:
    opened = Sender(PRODUCTS_INDEXED.name)
    yield opened
    await opened.close()


@pytest.fixture
async def news(elasticsearch: AsyncElasticsearch) -> AsyncIterator[SearchMonitor]:
    """What the gateway hears, and it hears already."""
    opened = SearchMonitor(elasticsearch, Watermarks(10_000))
    fresh = FreshUntil("products", datetime.now(UTC) - timedelta(hours=1))
    await freshness.note(elasticsearch, fresh)
    await elasticsearch.indices.refresh()
    opened.start()

    def listens() -> None:
        assert opened._watermarks.lag_ms(SEARCH) is not None

    await eventually(listens)
    yield opened
    await opened.close()


def a_row(sku: str, version: int = 1) -> ProductRow:
    return ProductRow(
        sku=sku,
        name=f"{sku} of version {version}",
        price=Decimal("18.0000"),
        currency="USD",
        categories="[]",
        active=True,
        created_at=NOON,
        updated_at=NOON,
        version=version,
    )


async def names_found(elasticsearch: AsyncElasticsearch) -> set[str]:
    answer = await elasticsearch.search(index=str(vars(search)["SEARCH_INDEX"]), size=100)
    return {hit["_source"]["name"] for hit in answer["hits"]["hits"]}


async def test_who_waits_is_woken_by_the_worker_and_finds_just_that_version(
    news: SearchMonitor, elasticsearch: AsyncElasticsearch, sender: Sender
) -> None:
    index = index_and_announce(elasticsearch, sender)
    await index(a_batch(PRODUCTS, [a_row("chai")]))
    waiting = [asyncio.create_task(news.waiters.wait_for([Token("product", "chai", 2)], LONG_S)) for _ in range(100)]
    await news.waiters.wait_for([Token("product", "chai", 1)], LONG_S)
    assert await names_found(elasticsearch) == {"chai of version 1"}
    assert not any(each.done() for each in waiting)

    await index(a_batch(PRODUCTS, [a_row("chai", 2)], first_offset=1))
    await asyncio.gather(*waiting)

    assert await names_found(elasticsearch) == {"chai of version 2"}


async def test_what_was_taken_in_while_nobody_listened_is_found_without_news(
    elasticsearch: AsyncElasticsearch, sender: Sender
) -> None:
    deaf = SearchMonitor(elasticsearch, Watermarks(10_000))
    await index_and_announce(elasticsearch, sender)(a_batch(PRODUCTS, [a_row("chai")]))

    await deaf.waiters.wait_for([Token("product", "chai", 1)], LONG_S)

    assert await names_found(elasticsearch) == {"chai of version 1"}


async def test_how_fresh_the_index_is_is_heard(
    news: SearchMonitor, elasticsearch: AsyncElasticsearch, sender: Sender
) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=5)
    await note_and_announce(elasticsearch, sender)(FreshUntil("products", moment))

    def is_heard() -> None:
        assert news._watermarks.lag_ms(SEARCH) == 0

    await eventually(is_heard)
