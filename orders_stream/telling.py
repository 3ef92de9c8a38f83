"""What is told to others, and when again: the last word on `orders-graph` is what the read model shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from uuid import UUID

from chassis.chunks.handling import PartlyBad
from chassis.logs import logger
from chassis.postgres import Database
from contracts.orders_graph import OrderGraph
from orders_stream import documents, repository
from orders_stream.repository import OrderOf

log = logger(__name__)

MOST_AT_ONCE = 500
"""Documents of one batch when a customer's orders are told anew."""

MOST_LINES_AT_ONCE = 5_000
"""Lines of one batch then, unless one order alone has more: each may have an address of several kB."""

Publish = Callable[[Sequence[OrderGraph]], Awaitable[None]]
"""Returns when the broker has acknowledged all documents given to it. Raises PartlyBad for those that are too large."""


async def tell(read_model: Database, publish: Publish, whole: Sequence[documents.Joined]) -> None:
    """Tell what orders are like after a change of their own.

    Between the look at them and the acknowledgement their customer may come, change or be deleted, and be told anew
    before it: then the topic would keep what was. Or this worker stood still for so long that another one got its
    partitions, and told a newer version: then the topic would keep the older one. Hence the look afterwards.

    Raises PartlyBad once all others are told, for orders that are too large.
    """
    if not whole:
        return
    too_large = await _published(publish, [each.order for each in whole])
    async with read_model.connection() as connection:
        stale = await documents.outdated(connection, whole)
    too_large |= await _tell_until_it_stays(read_model, publish, stale)
    if too_large:
        raise PartlyBad(too_large.keys(), next(iter(too_large.values())))


async def tell_anew(read_model: Database, publish: Publish | None, customers: Collection[UUID]) -> int:
    """Tell all orders of customers who came, changed or went once more. Returns how many.

    So a reader has the customer as the read model does, and a compacted topic forgets who was deleted. The orders' own
    changes go on meanwhile, told by whoever hears of them. An order that is too large was set aside when it came; its
    customer is not at fault.
    """
    told, behind = 0, repository.FIRST
    while customers and publish is not None:
        async with read_model.connection() as connection:
            page = await repository.orders_of(connection, customers, behind, MOST_AT_ONCE)
        if not page:
            break
        for orders in _by_lines(page):
            for order_id, why in (await _tell_until_it_stays(read_model, publish, orders)).items():
                log.error("order not told anew", order_id=str(order_id), reason=why)
        told, behind = told + len(page), page[-1]
    return told


def _by_lines(page: Sequence[OrderOf]) -> Iterator[list[UUID]]:
    """The orders by turns, each of so few that their documents fit into memory."""
    turn: list[UUID] = []
    lines = 0
    for order in page:
        if turn and lines + order.line_count > MOST_LINES_AT_ONCE:
            yield turn
            turn, lines = [], 0
        turn.append(order.order_id)
        lines += order.line_count
    yield turn


async def _tell_until_it_stays(read_model: Database, publish: Publish, orders: Collection[UUID]) -> dict[UUID, str]:
    """Tell, and look again: what changed meanwhile may have been told before this, so it is told after this too.

    Returns the orders that are too large, each with the reason.
    """
    told: dict[UUID, OrderGraph] = {}
    too_large: dict[UUID, str] = {}
    while news := [each.order for each in await _whole(read_model, orders) if told.get(each.order.id) != each.order]:
        too_large |= await _published(publish, news)
        told |= {order.id: order for order in news}
    return too_large


async def _published(publish: Publish, orders: Sequence[OrderGraph]) -> dict[UUID, str]:
    """Publish all that can be. Returns the orders that are too large, each with the reason."""
    try:
        await publish(orders)
    except PartlyBad as error:
        return {order.id: str(error) for order in orders if order.id in error.keys}
    return {}


async def _whole(read_model: Database, orders: Collection[UUID]) -> list[documents.Joined]:
    if not orders:
        return []
    # All of it as of the same moment, so that no order has the lines of another version of it.
    async with (
        read_model.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        return await documents.whole_orders(connection, orders)
