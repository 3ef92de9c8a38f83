"""What is published on `orders-graph`, and when again: each whole version in order, the shown one last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from uuid import UUID

from chassis.chunks.handling import PartlyBad
from chassis.databases.postgres import Database
from chassis.logs import logger
from contracts.orders import OrderGraph
from orders_stream import documents, repository, unpublished
from orders_stream.documents import NOTHING, Whole
from orders_stream.repository import OrderOf
from orders_stream.writing import writing

log = logger(__name__)

MOST_AT_ONCE = 500
"""Documents of one batch when a customer's orders are told anew."""

MOST_LINES_AT_ONCE = 5_000
"""Lines of one batch then, unless one order alone has more: each may have an address of several kB."""

Publish = Callable[[Sequence[OrderGraph]], Awaitable[None]]
"""Returns when the broker has acknowledged all documents given to it. Raises PartlyBad for those that are too large."""


async def tell(read_model: Database, publish: Publish, whole: Whole) -> None:
    """Tell what orders are like after a change of their own.

    Between the look at them and the acknowledgement their customer may come, change or be deleted, and be told anew
    before it: then the topic would keep what was. Or this worker stood still for so long that another one got its
    partitions, and told a newer version: then the topic would keep the older one. Hence the look afterwards.

    Raises PartlyBad once all others are told, for orders that are too large.
    """
    if not whole.joined:
        return
    too_large = await _publish(read_model, publish, whole, [each.order for each in whole.joined])
    async with read_model.connection() as connection:
        stale = await documents.outdated(connection, whole.newest)
    too_large |= await _tell_until_it_stays(read_model, publish, stale)
    if too_large:
        raise PartlyBad(too_large.keys(), next(iter(too_large.values())))


async def tell_what_can_be_told(read_model: Database, publish: Publish, whole: Whole) -> None:
    """The same for orders that nobody reads from the topics again; one that the broker refuses is logged."""
    try:
        await tell(read_model, publish, whole)
    except PartlyBad as error:
        log.error("orders not published", order_ids=[str(each) for each in error.keys], reason=str(error))


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
    told: dict[tuple[UUID, int], OrderGraph] = {}
    too_large: dict[UUID, str] = {}
    while True:
        whole = await _whole(read_model, orders)
        all_of_them = [each.order for each in whole.joined]
        news = [order for order in all_of_them if told.get((order.id, order.version)) != order]
        if not news:
            return too_large
        too_large |= await _publish(read_model, publish, whole, news)
        told |= {(order.id, order.version): order for order in news}


async def _published(publish: Publish, orders: Sequence[OrderGraph]) -> dict[UUID, str]:
    """Publish all that can be. Returns the orders that are too large, each with the reason."""
    try:
        await publish(orders)
    except PartlyBad as error:
        return {order.id: str(error) for order in orders if order.id in error.keys}
    return {}


async def _publish(
    read_model: Database, publish: Publish, whole: Whole, orders: Sequence[OrderGraph]
) -> dict[UUID, str]:
    """Publish these documents of `whole`, and forget what was kept for it. Returns those that are too large.

    A version is sent when the one before it is acknowledged. A reader that had the newer one first would never take
    the older one, and of what is sent together a part may fail and be sent again.
    """
    if not whole.kept:
        return await _published(publish, orders)
    too_large: dict[UUID, str] = {}
    turns: list[list[OrderGraph]] = []
    number: Counter[UUID] = Counter()
    for order in orders:
        if number[order.id] == len(turns):
            turns.append([])
        turns[number[order.id]].append(order)
        number[order.id] += 1
    for turn in turns:
        too_large |= await _published(publish, turn)
    newest = [(each.order.id, each.order.version) for each in whole.newest if each.order.id in whole.kept]
    async with writing(read_model) as tx:
        await unpublished.forget_published(tx, newest)
    return too_large


async def _whole(read_model: Database, orders: Collection[UUID]) -> Whole:
    if not orders:
        return NOTHING
    # All of it as of the same moment, so that no order has the lines of another version of it.
    async with (
        read_model.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        return await documents.whole_orders(connection, orders)
