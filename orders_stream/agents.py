"""The topics that `orders_stream` consumes, each with the handler that projects its rows."""

from __future__ import annotations

from typing import Any, Protocol

from chassis.chunks.batch import Batch
from chassis.chunks.handling import Handler
from chassis.databases.postgres import Database
from chassis.databases.postgres_upserts import Upsert
from chassis.logs import logger
from contracts.customers import ADDRESS, CUSTOMER
from contracts.depots import DEPOT
from contracts.inventory.availability import AVAILABILITY
from contracts.inventory.policies import STOCK_POLICY
from contracts.inventory.restocks import RESTOCK_REQUEST
from contracts.inventory.sourcing import SOURCING
from contracts.inventory.stores import STORE
from contracts.order_returns import ORDER_RETURN
from contracts.orders import ORDER, ORDER_DETAIL
from contracts.products import CATEGORY, PRODUCTS
from contracts.shipping import SHIPMENT
from contracts.topics import Topic
from orders_stream import repository
from orders_stream.joining import Join
from orders_stream.republish import Publish, republish_orders_of
from orders_stream.transactions import writing

log = logger(__name__)


class Reader(Protocol):
    """Delivers chunks: the worker, or a rebuild."""

    def reads(self, *topics: Topic[Any], handle: Handler, side_by_side: bool = False) -> None:
        """Let `handle` write the rows of these topics; with `side_by_side`, several partition numbers concurrently."""


def join_orders(read_model: Database, publish: Publish | None) -> Handler:
    """The handler of `order` and `order_detail`: projects their rows and publishes `orders-graph`."""
    return Join(read_model, publish).handle


def project(read_model: Database, topic: Topic[Any], table: str) -> Handler:
    """The handler of a reference topic: projects its rows to `table`."""
    statement = Upsert(table, topic)

    async def write(batch: Batch) -> None:
        async with writing(read_model) as tx:
            await repository.upsert(tx, statement, batch.newest(topic))
            await repository.advance(tx, batch.positions)

    return write


def project_customers(read_model: Database, publish: Publish | None) -> Handler:
    """The handler of `customer`: projects its rows and republishes the orders of these customers."""
    project_rows = project(read_model, CUSTOMER, "customer")

    async def write_and_republish(batch: Batch) -> None:
        await project_rows(batch)
        # All customers of the chunk, even those that did not change: see `Join`.
        customers = batch.newest(CUSTOMER)
        orders = await republish_orders_of(read_model, publish, [row.customer_id for row in customers])
        if orders:
            log.info("orders of customers republished", customers=len(customers), orders=orders)

    return write_and_republish


def project_stores(read_model: Database) -> Handler:
    """The handler of `store`: projects its rows and announces until when the stock of all stores is known."""
    statement = Upsert("store", STORE)

    async def write(batch: Batch) -> None:
        async with writing(read_model) as tx:
            rows = batch.newest(STORE)
            await repository.upsert(tx, statement, rows)
            await repository.announce_stores(tx)
            await repository.advance(tx, batch.positions)

    return write


def listen(reader: Reader, read_model: Database, publish: Publish | None) -> None:
    """Register the handlers: one for orders with their lines, one for each reference topic.

    Nothing is published if `publish` is None.
    """
    reader.reads(ORDER, ORDER_DETAIL, handle=join_orders(read_model, publish), side_by_side=True)
    reader.reads(CUSTOMER, handle=project_customers(read_model, publish))
    reader.reads(ADDRESS, handle=project(read_model, ADDRESS, "address"))
    reader.reads(CATEGORY, handle=project(read_model, CATEGORY, "category"))
    reader.reads(PRODUCTS, handle=project(read_model, PRODUCTS, "product"))
    reader.reads(AVAILABILITY, handle=project(read_model, AVAILABILITY, "availability"))
    reader.reads(SOURCING, handle=project(read_model, SOURCING, "sourcing"))
    reader.reads(RESTOCK_REQUEST, handle=project(read_model, RESTOCK_REQUEST, "restock_request"))
    reader.reads(STOCK_POLICY, handle=project(read_model, STOCK_POLICY, "stock_policy"))
    reader.reads(SHIPMENT, handle=project(read_model, SHIPMENT, "shipment"))
    reader.reads(ORDER_RETURN, handle=project(read_model, ORDER_RETURN, "order_return"))
    reader.reads(DEPOT, handle=project(read_model, DEPOT, "depot"))
    reader.reads(STORE, handle=project_stores(read_model))
