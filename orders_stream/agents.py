"""What `orders_stream` hears: which handler makes the rows of which topics part of the read model."""

from __future__ import annotations

from typing import Any, Protocol

from chassis.chunks.batch import Batch
from chassis.chunks.handling import Handler
from chassis.databases.postgres import Database
from chassis.logs import logger
from contracts.customers import ADDRESS, CUSTOMER
from contracts.orders import ORDER, ORDER_DETAIL
from contracts.products import PRODUCTS
from contracts.topics import Topic
from orders_stream import repository, upserts
from orders_stream.joining import Join
from orders_stream.republish import Publish, tell_anew
from orders_stream.writing import writing

log = logger(__name__)


class Reader(Protocol):
    """What hands out chunks: the worker, or a rebuild."""

    def reads(self, *topics: Topic[Any], handle: Handler, side_by_side: bool = False) -> None:
        """Let `handle` make the rows of these topics durable; `side_by_side` for several partition numbers at once."""


def join_orders(read_model: Database, publish: Publish | None) -> Handler:
    """How chunks of `order` and `order_detail` become part of the read model, and of `orders-graph`."""
    return Join(read_model, publish).handle


def project(read_model: Database, topic: Topic[Any], statement: upserts.Upsert) -> Handler:
    """How a chunk of a reference topic becomes part of the read model."""

    async def write(batch: Batch) -> None:
        async with writing(read_model) as tx:
            await repository.upsert(tx, statement, batch.newest(topic))
            await repository.advance(tx, batch.positions)

    return write


def project_customers(read_model: Database, publish: Publish | None) -> Handler:
    """How a chunk of `customer` becomes part of the read model, and of what others know of the customers' orders."""
    project_rows = project(read_model, CUSTOMER, upserts.CUSTOMERS)

    async def write_and_tell(batch: Batch) -> None:
        await project_rows(batch)
        # All customers of the chunk, even if this was known here before: see `Join`.
        customers = batch.newest(CUSTOMER)
        orders = await tell_anew(read_model, publish, [row.customer_id for row in customers])
        if orders:
            log.info("orders of customers told anew", customers=len(customers), orders=orders)

    return write_and_tell


def listen(reader: Reader, read_model: Database, publish: Publish | None) -> None:
    """Give the reader its handlers: one for orders with their lines, one for each reference topic.

    Nobody is told of orders when `publish` is None.
    """
    reader.reads(ORDER, ORDER_DETAIL, handle=join_orders(read_model, publish), side_by_side=True)
    reader.reads(CUSTOMER, handle=project_customers(read_model, publish))
    reader.reads(ADDRESS, handle=project(read_model, ADDRESS, upserts.ADDRESSES))
    reader.reads(PRODUCTS, handle=project(read_model, PRODUCTS, upserts.PRODUCTS))
