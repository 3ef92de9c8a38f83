"""The topics that `shipping` consumes: whole orders, their sourcing, and their customers."""

from __future__ import annotations

from chassis.chunks.batch import Batch
from chassis.databases.mysql import Database
from chassis.kafka.worker import Worker
from contracts.customers import CUSTOMER
from contracts.inventory.sourcing import SOURCING
from contracts.orders import ORDERS_GRAPH
from shipping.replica import repository as replica
from shipping.times import Clock


def listen(worker: Worker, database: Database, clock: Clock) -> None:
    """Register the handlers, one per topic."""

    async def follow_orders(batch: Batch) -> None:
        async with database.transaction() as tx:
            replica.write_orders_later(tx, batch.newest(ORDERS_GRAPH))

    async def follow_sourcings(batch: Batch) -> None:
        async with database.transaction() as tx:
            replica.write_sourcings_later(tx, batch.newest(SOURCING))

    async def follow_customers(batch: Batch) -> None:
        deleted = [row.customer_id for row in batch.newest(CUSTOMER) if row.is_deleted]
        async with database.transaction() as tx:
            replica.note_erased_later(tx, deleted, clock())

    worker.reads(ORDERS_GRAPH, handle=follow_orders)
    worker.reads(SOURCING, handle=follow_sourcings)
    worker.reads(CUSTOMER, handle=follow_customers)
