"""What `orders` hears: customers, addresses and products, kept in its replica."""

from __future__ import annotations

from chassis.chunks.batch import Batch
from chassis.mysql import Database
from chassis.worker import Worker
from contracts.customers import ADDRESS, CUSTOMER
from contracts.products import PRODUCTS
from orders import replica


def listen(worker: Worker, database: Database) -> None:
    """Give the worker its agents, one per topic."""

    async def replicate_customers(batch: Batch) -> None:
        async with database.transaction() as tx:
            await replica.upsert_customers(tx, batch.newest(CUSTOMER))

    async def replicate_addresses(batch: Batch) -> None:
        async with database.transaction() as tx:
            await replica.upsert_addresses(tx, batch.newest(ADDRESS))

    async def replicate_products(batch: Batch) -> None:
        async with database.transaction() as tx:
            await replica.upsert_products(tx, batch.newest(PRODUCTS))

    worker.reads(CUSTOMER, handle=replicate_customers)
    worker.reads(ADDRESS, handle=replicate_addresses)
    worker.reads(PRODUCTS, handle=replicate_products)
