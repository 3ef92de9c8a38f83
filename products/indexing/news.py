"""Announces on the topic `products-indexed` what the search index contains, for readers that wait for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import islice

import msgspec
from elasticsearch import AsyncElasticsearch

from chassis.chunks.batch import Batch
from chassis.databases.elasticsearch import raise_unavailable
from chassis.databases.mysql import Database
from chassis.kafka.batch_producer import Message, Sender
from chassis.kafka.freshness import FreshUntil
from contracts.products import PRODUCTS
from contracts.search_news import ProductsIndexed
from products.agents import index_products
from products.indexing import freshness

SOURCE = "products"

PRODUCTS_IN_MESSAGE = 1000
"""The maximum number of products in one announcement."""

_encode = msgspec.json.Encoder().encode
_KEY = _encode({"source": SOURCE})


def index_and_announce(
    elasticsearch: AsyncElasticsearch, database: Database, sender: Sender
) -> Callable[[Batch], Awaitable[None]]:
    """The handler of `products`: indexes its rows and announces their versions."""

    async def index(batch: Batch) -> None:
        await index_products(elasticsearch, database, batch)
        rows = iter(batch.newest(PRODUCTS))
        while some := list(islice(rows, PRODUCTS_IN_MESSAGE)):
            versions = {row.sku: row.newest_version for row in some}
            await sender.send([Message(_KEY, _encode(ProductsIndexed(source=SOURCE, versions=versions)))])

    return index


def note_and_announce(elasticsearch: AsyncElasticsearch, sender: Sender) -> Callable[[FreshUntil], Awaitable[None]]:
    """Stores and announces the freshness of the index."""

    async def note(fresh: FreshUntil) -> None:
        with raise_unavailable():
            await freshness.note(elasticsearch, fresh)
        await sender.send([Message(_KEY, _encode(ProductsIndexed(source=fresh.source, fresh_until=fresh.moment)))])

    return note
