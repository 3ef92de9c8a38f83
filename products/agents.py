"""The handlers of `products` and `sku_availability`: they write the documents of the search index."""

from __future__ import annotations

from elasticsearch import AsyncElasticsearch

from chassis.chunks.batch import Batch
from chassis.chunks.handling import Handler
from chassis.databases.elasticsearch import raise_unavailable
from chassis.databases.mysql import Database
from contracts.inventory.availability import SKU_AVAILABILITY
from contracts.products import PRODUCTS
from products.indexing import search, stock


async def index_products(elasticsearch: AsyncElasticsearch, database: Database, batch: Batch) -> None:
    """Index the products of the batch, with their stock."""
    records = batch.newest(PRODUCTS)
    await stock.note_deletions(database, records)
    rows = await stock.with_stock(database, records)
    with raise_unavailable():
        await search.write(elasticsearch, rows)


def index_stock(elasticsearch: AsyncElasticsearch, database: Database) -> Handler:
    """Stores the stock of the batch, and indexes its products. A product that comes later gets it from there."""

    async def handle(batch: Batch) -> None:
        rows = await stock.take_over(database, batch.newest(SKU_AVAILABILITY))
        with raise_unavailable():
            await search.write(elasticsearch, rows)

    return handle
