"""The handler of the topic `products`, which indexes its rows."""

from __future__ import annotations

from elasticsearch import AsyncElasticsearch

from chassis.chunks.batch import Batch
from chassis.databases.elasticsearch import raise_unavailable
from contracts.products import PRODUCTS
from products.indexing import search


async def index_products(elasticsearch: AsyncElasticsearch, batch: Batch) -> None:
    """Index the newest version of each product of the batch."""
    with raise_unavailable():
        await search.write(elasticsearch, batch.newest(PRODUCTS))
