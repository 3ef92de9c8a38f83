"""The topics that `inventory` consumes, each with its handler."""

from __future__ import annotations

from chassis.chunks.batch import Batch
from chassis.chunks.handling import Handler
from chassis.databases.mysql import Database
from chassis.databases.mysql_upserts import write_newer_later
from chassis.kafka.worker import Worker
from contracts.inventory.availability import AVAILABILITY
from contracts.order_returns import ORDER_RETURN
from contracts.orders import ORDER, ORDER_DETAIL
from contracts.products import PRODUCTS
from contracts.shipping import SHIPMENT
from contracts.stores import ALLOCATION, RECEIPT, STOCK, STORE_HEARTBEAT
from inventory.answers.heartbeats import Heartbeats
from inventory.answers.receipts import close_requests
from inventory.answers.stock import process_answers, take_over_stock
from inventory.orders.arriving import decide_orders
from inventory.orders.departing import follow_shipments
from inventory.orders.returning import follow_returns
from inventory.orders.settling import Clock
from inventory.redis.stock import RedisStock

PRODUCT_COLUMNS = ("sku", "active", "deleted", "version")


def listen(worker: Worker, database: Database, redis: RedisStock, heartbeats: Heartbeats, clock: Clock) -> None:
    """Register the handlers: one for orders with their lines, one for each other topic."""
    worker.reads(ORDER, ORDER_DETAIL, handle=decide_orders(database, clock), side_by_side=True)
    worker.reads(STOCK, handle=take_over_stock(database, clock), side_by_side=True)
    worker.reads(ALLOCATION, handle=process_answers(database, clock), side_by_side=True)
    worker.reads(RECEIPT, handle=close_requests(database, clock), side_by_side=True)
    worker.reads(SHIPMENT, handle=follow_shipments(database, clock), side_by_side=True)
    worker.reads(ORDER_RETURN, handle=follow_returns(database, clock))
    worker.reads(STORE_HEARTBEAT, handle=heartbeats.handle)
    worker.reads(PRODUCTS, handle=replicate_products(database))
    worker.reads(AVAILABILITY, handle=project_availability(redis))


def project_availability(redis: RedisStock) -> Handler:
    """Tells Redis what is available. It is told at once by what changes it; this is for what got lost."""

    async def handle(batch: Batch) -> None:
        await redis.project(batch.newest(AVAILABILITY))

    return handle


def replicate_products(database: Database) -> Handler:
    """Notes which SKUs are known."""

    async def handle(batch: Batch) -> None:
        rows = batch.newest(PRODUCTS)
        values = [(row.sku, row.active, row.is_deleted, row.newest_version) for row in rows]
        async with database.transaction() as tx:
            write_newer_later(tx, "replica_product", PRODUCT_COLUMNS, values)

    return handle
