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


async def tell(read_model: Database, publish: Publish, whole: Sequence[documents.Joined]) -> None:
    """Tell what orders are like after a change of their own.

    Between the look at them and the acknowledgement their customer may come, change or be deleted, and be told anew
    before it: then the topic would keep what was. Or this worker stood still for so long that another one got its
    partitions, and told a newer version: then the topic would keep the older one. Hence the look afterwards.
    """
    if not whole:
        return
    await publish([each.order for each in whole])
    async with read_model.connection() as connection:
        stale = await documents.outdated(connection, whole)
    await _tell_until_it_stays(read_model, publish, stale)


async def tell_anew(read_model: Database, publish: Publish | None, customers: Collection[UUID]) -> int:
    """Tell all orders of customers who came, changed or went once more. Returns how many.

    So a reader has the customer as the read model does, and a compacted topic forgets who was deleted. The orders' own
    changes go on meanwhile, told by whoever hears of them.
    """
    told, behind = 0, repository.FIRST
    while customers and publish is not None:
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
    while news := [each.order for each in await _whole(read_model, orders) if told.get(each.order.id) != each.order]:
        await publish(news)
        told |= {order.id: order for order in news}


async def _whole(read_model: Database, orders: Collection[UUID]) -> list[documents.Joined]:
    if not orders:
        return []
    # All of it as of the same moment, so that no order has the lines of another version of it.
    async with (
        read_model.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        return await documents.whole_orders(connection, orders)
