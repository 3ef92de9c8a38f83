"""What is told to others, and when again: the last word on `orders-graph` is what the read model shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from uuid import UUID

from chassis.postgres import Database
from contracts.orders_graph import OrderGraph
from orders_stream import documents, repository

MOST_AT_ONCE = 500
"""Documents of one batch when a customer's orders are told anew."""

Publish = Callable[[Sequence[OrderGraph]], Awaitable[None]]
"""Returns when the broker has acknowledged all documents given to it."""


async def tell(read_model: Database, publish: Publish, orders: Collection[UUID]) -> list[OrderGraph]:
    """Tell what orders are like after a change of their own. Returns what was told of those that are whole.

    Their customer may be deleted between the look and the acknowledgement, and told anew before it: then the topic
    would keep the name. Hence the look afterwards. What else an order is made of comes to this worker alone.
    """
    whole = await _whole(read_model, orders)
    await publish(whole)
    named = [order.id for order in whole if order.customer]
    async with read_model.connection() as connection:
        stale = await repository.with_deleted_customer(connection, named)
    await _tell_until_it_stays(read_model, publish, stale)
    return whole


async def tell_anew(read_model: Database, publish: Publish, customers: Collection[UUID]) -> int:
    """Tell all orders of customers once more, so that a compacted topic forgets what it knew of them. Returns how many.

    Their own changes go on meanwhile, told by whoever hears of them.
    """
    told, behind = 0, repository.FIRST
    while customers:
        async with read_model.connection() as connection:
            page = await repository.orders_of(connection, customers, behind, MOST_AT_ONCE)
        if not page:
            break
        await _tell_until_it_stays(read_model, publish, [each.order_id for each in page])
        told, behind = told + len(page), page[-1]
    return told


async def _tell_until_it_stays(read_model: Database, publish: Publish, orders: Collection[UUID]) -> None:
    """Tell, and look again: what changed meanwhile may have been told before this, so it is told after this too."""
    told: dict[UUID, OrderGraph] = {}
    while news := [order for order in await _whole(read_model, orders) if told.get(order.id) != order]:
        await publish(news)
        told |= {order.id: order for order in news}


async def _whole(read_model: Database, orders: Collection[UUID]) -> list[OrderGraph]:
    async with read_model.connection() as connection:
        return await documents.whole_orders(connection, orders)
