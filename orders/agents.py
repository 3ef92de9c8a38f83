"""The topics that `orders` consumes: customers, addresses and products into its replica; what moves orders."""

from __future__ import annotations

from chassis.chunks.batch import Batch
from chassis.databases.mysql import Database
from chassis.kafka.worker import Worker
from chassis.logs import logger
from contracts.customers import ADDRESS, CUSTOMER
from contracts.inventory.sourcing import SOURCING
from contracts.products import PRODUCTS
from contracts.shipping import SHIPMENT
from orders.erasure import erase_customer
from orders.fulfilment import applying as fulfilment
from orders.replica import repository as replica
from orders.sourcing import applying

log = logger(__name__)


def listen(worker: Worker, database: Database) -> None:
    """Register the handlers, one per topic."""

    async def replicate_customers(batch: Batch) -> None:
        customers = batch.newest(CUSTOMER)
        async with database.transaction() as tx:
            await replica.upsert_customers(tx, customers)
        for customer in customers:
            if customer.is_deleted and (orders := await erase_customer(database, customer.customer_id)):
                log.info("customer erased from orders", customer_id=str(customer.customer_id), orders=orders)

    async def replicate_addresses(batch: Batch) -> None:
        async with database.transaction() as tx:
            await replica.upsert_addresses(tx, batch.newest(ADDRESS))

    async def replicate_products(batch: Batch) -> None:
        async with database.transaction() as tx:
            await replica.upsert_products(tx, batch.newest(PRODUCTS))

    async def apply_sourcing(batch: Batch) -> None:
        await applying.apply(database, batch.newest(SOURCING))

    async def follow_shipments(batch: Batch) -> None:
        await fulfilment.apply(database, batch.newest(SHIPMENT))

    worker.reads(CUSTOMER, handle=replicate_customers)
    worker.reads(ADDRESS, handle=replicate_addresses)
    worker.reads(PRODUCTS, handle=replicate_products)
    worker.reads(SOURCING, handle=apply_sourcing)
    worker.reads(SHIPMENT, handle=follow_shipments)
