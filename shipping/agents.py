"""The topics that `shipping` consumes: whole orders, their sourcing, and their customers.

Each handler writes what has arrived first, then settles all orders of its chunk, even those that did not change: after
a crash the chunk is read again, and what was done before it is found as such.
"""

from __future__ import annotations

from chassis.chunks.batch import Batch
from chassis.chunks.handling import Handler
from chassis.databases.mysql import Database
from chassis.kafka.worker import Worker
from contracts.customers import CUSTOMER
from contracts.inventory.sourcing import SOURCING, SourcingStatus
from contracts.orders import ORDERS_GRAPH, OrderStatus
from shipping.erasure import erase_customers
from shipping.orders.settling import settle
from shipping.replica import repository as replica
from shipping.times import Clock

_WITHOUT_SHIPMENTS = (OrderStatus.PLACED.value, OrderStatus.BACKORDERED.value, OrderStatus.REJECTED.value)
_PROMISED = (SourcingStatus.COMMITTED.value, SourcingStatus.SHORT.value, SourcingStatus.SHIPPED.value)


def listen(worker: Worker, database: Database, clock: Clock) -> None:
    """Register the handlers, one per topic."""
    worker.reads(ORDERS_GRAPH, handle=follow_orders(database, clock), side_by_side=True)
    worker.reads(SOURCING, handle=follow_sourcings(database, clock), side_by_side=True)
    worker.reads(CUSTOMER, handle=follow_customers(database, clock))


def follow_orders(database: Database, clock: Clock) -> Handler:
    """Plans the shipments of confirmed orders, and cancels or recalls those of cancelled ones."""

    async def handle(batch: Batch) -> None:
        orders = batch.newest(ORDERS_GRAPH)
        async with database.transaction() as tx:
            replica.write_orders_later(tx, orders)
        due = [each for each in orders if each.deleted or each.status not in _WITHOUT_SHIPMENTS]
        messages = {each.id: f"{ORDERS_GRAPH.name}:{each.id}:{each.version}" for each in due}
        await settle(database, messages.keys(), messages, clock)

    return handle


def follow_sourcings(database: Database, clock: Clock) -> Handler:
    """Plans the shipments of orders whose units the stores have committed, moves units that another store gives, and
    withdraws shipments with units that are not there.
    """

    async def handle(batch: Batch) -> None:
        rows = batch.newest(SOURCING)
        async with database.transaction() as tx:
            replica.write_sourcings_later(tx, rows)
        due = [row for row in rows if row.status in _PROMISED and not row.is_deleted]
        messages = {row.order_id: f"{SOURCING.name}:{row.order_id}:{row.version}" for row in due}
        await settle(database, messages.keys(), messages, clock)

    return handle


def follow_customers(database: Database, clock: Clock) -> Handler:
    """Erases deleted customers."""

    async def handle(batch: Batch) -> None:
        deleted = [(row.customer_id, row.version) for row in batch.newest(CUSTOMER) if row.is_deleted]
        if deleted:
            await erase_customers(database, deleted, clock)

    return handle
