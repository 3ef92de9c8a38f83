"""Reads wait for the search index: woken by its worker, and what they waited for is found by the next search."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import msgspec
import pytest
from elasticsearch import AsyncElasticsearch

from chassis.databases.elasticsearch import client
from chassis.databases.migrations import migrate_mysql
from chassis.databases.mysql import Database
from chassis.http.errors.problems import Unavailable
from chassis.kafka.batch_producer import Sender
from chassis.kafka.freshness import FreshUntil
from chassis.tasks import end
from contracts.products import PRODUCTS, ProductRow, StockedProduct
from contracts.search_news import PRODUCTS_INDEXED
from gateway.consistency import search as gateway_search
from gateway.consistency.freshness import SEARCH, Watermarks
from gateway.consistency.search import SearchMonitor
from gateway.consistency.tokens import INVENTORY, Token
from gateway.consistency.waiters import MAX_WAITERS
from products import settings
from products.indexing import freshness, indices, search
from products.indexing.news import index_and_announce, note_and_announce
from tests.support.eventually import eventually
from tests.support.shop.rows import NOON, a_batch

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
    await opened.indices.delete(
        index=[f"{alias}-{number}" for number in range(1, 5)] + [fresh], ignore_unavailable=True
    )
    await opened.close()


@pytest.fixture
async def database(servers: dict[str, str]) -> AsyncIterator[Database]:
    """Of the products, of which it has none: rows are on the topic only."""
    opened = settings.database()
    await migrate_mysql(opened, settings.MIGRATIONS)
    async with opened.reading() as connection:
        await connection.execute("DELETE FROM known_sku")
    yield opened
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
    news: SearchMonitor, elasticsearch: AsyncElasticsearch, database: Database, sender: Sender
) -> None:
    index = index_and_announce(elasticsearch, database, sender)
    await index(a_batch(PRODUCTS, [a_row("chai")]))
    waiting = [asyncio.create_task(news.waiters.wait_for([Token("product", "chai", 2)], LONG_S)) for _ in range(100)]
    await news.waiters.wait_for([Token("product", "chai", 1)], LONG_S)
    assert await names_found(elasticsearch) == {"chai of version 1"}
    assert not any(each.done() for each in waiting)

    await index(a_batch(PRODUCTS, [a_row("chai", 2)], first_offset=1))
    await asyncio.gather(*waiting)

    assert await names_found(elasticsearch) == {"chai of version 2"}


async def test_what_was_taken_in_while_nobody_listened_is_found_without_news(
    elasticsearch: AsyncElasticsearch, database: Database, sender: Sender
) -> None:
    deaf = SearchMonitor(elasticsearch, Watermarks(10_000))
    await index_and_announce(elasticsearch, database, sender)(a_batch(PRODUCTS, [a_row("chai")]))

    await deaf.waiters.wait_for([Token("product", "chai", 1)], LONG_S)

    assert await names_found(elasticsearch) == {"chai of version 1"}


async def version_found(elasticsearch: AsyncElasticsearch, sku: str) -> int:
    query = {"term": {"sku": sku}}
    answer = await elasticsearch.search(index=str(vars(search)["SEARCH_INDEX"]), query=query)
    return max((hit["_source"]["version"] for hit in answer["hits"]["hits"]), default=0)


async def write_and_find(
    monitor: SearchMonitor,
    elasticsearch: AsyncElasticsearch,
    database: Database,
    sender: Sender,
    sku: str,
    versions: int,
) -> None:
    """Write one version after the other, and find each, or a later one, once its read has waited."""
    index, finding = index_and_announce(elasticsearch, database, sender), []

    async def find(version: int) -> None:
        await monitor.waiters.wait_for([Token("product", sku, version)], LONG_S)
        assert await version_found(elasticsearch, sku) >= version

    for version in range(1, versions + 1):
        finding.append(asyncio.create_task(find(version)))
        await index(a_batch(PRODUCTS, [a_row(sku, version)], first_offset=version))
        finding.append(asyncio.create_task(find(version)))
    await asyncio.gather(*finding)


async def test_many_who_write_and_search_at_once_find_what_they_wrote(
    news: SearchMonitor, elasticsearch: AsyncElasticsearch, database: Database, sender: Sender
) -> None:
    await asyncio.gather(
        *(write_and_find(news, elasticsearch, database, sender, f"p{number}", 10) for number in range(16))
    )


async def test_a_product_of_a_hundred_versions_is_found_in_each(
    news: SearchMonitor, elasticsearch: AsyncElasticsearch, database: Database, sender: Sender
) -> None:
    await write_and_find(news, elasticsearch, database, sender, "chai", 100)


async def test_what_is_found_stays_found_while_the_index_is_exchanged(
    news: SearchMonitor, elasticsearch: AsyncElasticsearch, database: Database, sender: Sender
) -> None:
    alias, is_over = str(vars(search)["SEARCH_INDEX"]), asyncio.Event()
    sent = {f"p{number}": 1 for number in range(8)}  # as the topic has them

    async def exchange() -> None:
        for _ in range(3):
            index = await indices.create(elasticsearch, alias, 0, named=indices.next_of(alias))
            await elasticsearch.indices.put_settings(index=index, settings={"refresh_interval": "-1"})
            rows = [StockedProduct.of(a_row(*each)) for each in sent.items()]
            await search.write_to(elasticsearch, indices.next_of(alias), rows, refresh=True)
            await indices.make_live(elasticsearch, alias, index)
        is_over.set()

    async def write(sku: str) -> None:
        index = index_and_announce(elasticsearch, database, sender)
        while not is_over.is_set():
            try:
                await index(a_batch(PRODUCTS, [a_row(sku, sent[sku])]))
            except search.NotIndexed:  # the next index has just become the live one; the worker retries, too
                continue
            await news.waiters.wait_for([Token("product", sku, sent[sku])], LONG_S)
            assert await version_found(elasticsearch, sku) >= sent[sku]
            sent[sku] += 1

    await asyncio.gather(exchange(), *map(write, sent))


async def test_ten_thousand_who_wait_in_vain_hold_up_nobody(
    news: SearchMonitor, elasticsearch: AsyncElasticsearch, database: Database, sender: Sender
) -> None:
    tokens = [Token("product", f"never-{number}", 1) for number in range(MAX_WAITERS - 100)]
    vain = [asyncio.create_task(news.waiters.wait_for([token], 2 * LONG_S)) for token in tokens]
    await asyncio.sleep(0)

    await write_and_find(news, elasticsearch, database, sender, "chai", 20)

    assert not any(each.done() for each in vain)
    await end(*vain)


async def test_a_deletion_is_waited_for(
    news: SearchMonitor, elasticsearch: AsyncElasticsearch, database: Database, sender: Sender
) -> None:
    index = index_and_announce(elasticsearch, database, sender)
    await index(a_batch(PRODUCTS, [a_row("chai")]))
    gone = msgspec.structs.replace(a_row("chai", 2), is_deleted=True)
    waits = asyncio.create_task(news.waiters.wait_for([Token("product", "chai", 2)], LONG_S))
    await index(a_batch(PRODUCTS, [gone], first_offset=1))

    await waits

    answer = await elasticsearch.search(index=str(vars(search)["SEARCH_INDEX"]))
    assert [hit["_source"]["deleted"] for hit in answer["hits"]["hits"]] == [True]


async def test_an_index_that_is_gone_is_unavailable(news: SearchMonitor, elasticsearch: AsyncElasticsearch) -> None:
    alias = str(vars(search)["SEARCH_INDEX"])
    await elasticsearch.indices.delete(index=f"{alias}-1")
    try:
        with pytest.raises(Unavailable):
            await news.waiters.wait_for([Token("product", "chai", 1)], 0)
    finally:
        await search.make_index(elasticsearch, replicas=0)


async def test_how_fresh_the_index_is_is_heard(
    news: SearchMonitor, elasticsearch: AsyncElasticsearch, sender: Sender
) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=5)
    await note_and_announce(elasticsearch, sender)(FreshUntil("products", moment))

    def is_heard() -> None:
        assert news._watermarks.lag_ms(SEARCH) == 0

    await eventually(is_heard)


async def test_who_waits_for_stock_waits_until_searches_show_what_central_had_committed(
    news: SearchMonitor, elasticsearch: AsyncElasticsearch, sender: Sender
) -> None:
    moment = datetime.now(UTC).replace(microsecond=0)
    announce, token = note_and_announce(elasticsearch, sender), Token(INVENTORY, "", int(moment.timestamp() * 1000))
    waiting = asyncio.create_task(news.waiters.wait_for([token], LONG_S))
    other = Token(INVENTORY, "", token.version - 1)

    await announce(FreshUntil("products", moment + timedelta(hours=1)))
    await announce(FreshUntil("inventory", moment - timedelta(milliseconds=1)))
    await news.waiters.wait_for([other], LONG_S)
    assert not waiting.done()

    await announce(FreshUntil("inventory", moment))
    await waiting
