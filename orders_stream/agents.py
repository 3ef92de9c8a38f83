"""What `orders_stream` hears, and the join: rows of a chunk into the read model, then the whole orders to others."""

from __future__ import annotations

from typing import Any

from chassis.chunks.batch import Batch
from chassis.chunks.reading import Handler
from chassis.logs import logger
from chassis.postgres import Database
from chassis.worker import Worker
from contracts.customers import ADDRESS, CUSTOMER
from contracts.orders import ORDER, ORDER_DETAIL
from contracts.products import PRODUCTS
from contracts.topics import Topic
from orders_stream import repository, upserts
from orders_stream.telling import Publish, tell, tell_anew

log = logger(__name__)

MOST_LOGGED = 10
"""Ids of orders in one line of the log: all of them in quiet times, a sample under load."""


def join_orders(read_model: Database, publish: Publish) -> Handler:
    """How a chunk of `order` or `order_detail` becomes part of the read model, and of `orders-graph`."""

    async def join(batch: Batch) -> None:
        orders, lines = batch.newest(ORDER), batch.newest(ORDER_DETAIL)
        touched = sorted({row.order_id for row in orders} | {row.order_id for row in lines})
        async with read_model.transaction() as tx:
            await repository.lock_partition(tx, batch.position.partition)
            await repository.upsert(tx, upserts.ORDERS, orders)
            await repository.upsert(tx, upserts.ORDER_LINES, lines)
            await repository.show_whole_orders(tx, touched)
            await repository.advance(tx, batch.position)
        # All orders of the chunk, not just those that changed: after a crash between the commit and this line the chunk
        # is read again and changes nothing any more, but nobody has been told yet.
        whole = await tell(read_model, publish, touched)
        log.info("orders joined", order_ids=[str(order.id) for order in whole[:MOST_LOGGED]], orders=len(whole))

    return join


def project(read_model: Database, topic: Topic[Any], statement: upserts.Upsert) -> Handler:
    """How a chunk of a reference topic becomes part of the read model."""

    async def write(batch: Batch) -> None:
        async with read_model.transaction() as tx:
            await repository.upsert(tx, statement, batch.newest(topic))
            await repository.advance(tx, batch.position)

    return write


def project_customers(read_model: Database, publish: Publish) -> Handler:
    """How a chunk of `customer` becomes part of the read model, and who is deleted leaves `orders-graph`."""
    project_rows = project(read_model, CUSTOMER, upserts.CUSTOMERS)

    async def write_and_forget(batch: Batch) -> None:
        await project_rows(batch)
        # All who are deleted in the chunk, even if that was known here before: see `join_orders`.
        deleted = [row.customer_id for row in batch.newest(CUSTOMER) if row.is_deleted]
        orders = await tell_anew(read_model, publish, deleted)
        if deleted:
            log.info("customers forgotten", customers=len(deleted), orders=orders)

    return write_and_forget


def listen(worker: Worker, read_model: Database, publish: Publish) -> None:
    """Give the worker its agents: one for orders with their lines, one for each reference topic."""
    worker.reads(ORDER, ORDER_DETAIL, handle=join_orders(read_model, publish), side_by_side=True)
    worker.reads(CUSTOMER, handle=project_customers(read_model, publish))
    worker.reads(ADDRESS, handle=project(read_model, ADDRESS, upserts.ADDRESSES))
    worker.reads(PRODUCTS, handle=project(read_model, PRODUCTS, upserts.PRODUCTS))
