"""The stream that `products` reads: its own products, to make them findable."""

from __future__ import annotations

from elasticsearch import AsyncElasticsearch

from chassis.chunks.batch import Batch
from chassis.databases.elasticsearch import raise_unavailable
from contracts.products import PRODUCTS
from products import search


async def index_products(elasticsearch: AsyncElasticsearch, batch: Batch) -> None:
    """Bring the index to the newest version of each product of the batch."""
    with raise_unavailable():
        await search.write(elasticsearch, batch.newest(PRODUCTS))
