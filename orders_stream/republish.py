"""Publishes orders on `orders-graph`: each complete version in order, and again when their customer changes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from uuid import UUID

from chassis.chunks.handling import PartialFailure
from chassis.databases.postgres import Database
from chassis.logs import logger
from contracts.orders import OrderGraph
from orders_stream import documents, incomplete, repository
from orders_stream.documents import Publication
from orders_stream.transactions import writing

log = logger(__name__)

MOST_AT_ONCE = 500
"""Documents per batch when a customer's orders are republished."""

MOST_LINES_AT_ONCE = 5_000
"""Lines per batch, unless one order alone has more: each line may have an address of several kB."""

Publish = Callable[[Sequence[OrderGraph]], Awaitable[None]]
"""Returns when the broker has acknowledged all documents. Raises PartialFailure for those that are too large."""


async def publish_orders(read_model: Database, publish: Publish, publication: Publication) -> dict[UUID, str]:
    """Publish orders after a change of their own. Returns the orders that are too large, each with the reason.

    Between reading the orders and the broker's acknowledgement, their customer may be created, changed or deleted and
    the orders republished: the topic would then keep the older customer. Or this worker stalled for so long that
    another one took over its partitions and published a newer version: the topic would keep the older one. So the
    orders are checked again after publishing.
    """
    if not publication.documents:
        return {}
    too_large = await _publish(read_model, publish, publication, publication.documents)
    async with read_model.connection() as connection:
        stale = await documents.outdated(connection, publication)
    return too_large | await _publish_until_current(read_model, publish, stale)


async def republish_orders_of(read_model: Database, publish: Publish | None, customers: Collection[UUID]) -> int:
    """Republish all orders of customers who were created, changed or deleted. Returns the number of orders.

    So readers get the customer that the read model has, and a compacted topic forgets deleted customers. Changes of
    the orders themselves are published meanwhile by their own handler. An order that is too large went to the dead
    letters when it arrived; it is no reason to refuse the customer.
    """
    count, after = 0, repository.FIRST
    while customers and publish is not None:
        page = await repository.orders_of(read_model, customers, after, MOST_AT_ONCE, MOST_LINES_AT_ONCE)
        if not page:
            break
        ids = [order.order_id for order in page]
        for order_id, why in (await _publish_until_current(read_model, publish, ids)).items():
            log.error("order not republished", order_id=str(order_id), reason=why)
        count, after = count + len(page), page[-1]
    return count


async def _publish_until_current(read_model: Database, publish: Publish, orders: Collection[UUID]) -> dict[UUID, str]:
    """Publish, then read again until nothing has changed: a change may have been published before this older version.

    Returns the orders that are too large, each with the reason.
    """
    published: dict[tuple[UUID, int], OrderGraph] = {}
    too_large: dict[UUID, str] = {}
    while orders:
        # One snapshot, so that no order gets the lines of another of its versions.
        async with (
            read_model.connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            publication = await documents.read(connection, orders)
        changed = [order for order in publication.documents if published.get((order.id, order.version)) != order]
        if not changed:
            break
        too_large |= await _publish(read_model, publish, publication, changed)
        published |= {(order.id, order.version): order for order in changed}
    return too_large


async def _publish(
    read_model: Database, publish: Publish, publication: Publication, orders: Sequence[OrderGraph]
) -> dict[UUID, str]:
    """Publish these documents and delete their backlog. Returns the orders that are too large, each with the reason.

    A version is sent once the previous one is acknowledged: a reader that received the newer one first would ignore
    the older one, and part of what is sent together may fail and be retried.
    """
    too_large: dict[UUID, str] = {}
    for batch in _by_version(orders) if publication.backlog else [orders]:
        try:
            await publish(batch)
        except PartialFailure as error:
            too_large |= {order.id: str(error) for order in batch if order.id in error.keys}
    if publication.backlog:
        async with writing(read_model) as tx:
            await incomplete.delete(tx, publication.backlog)
    return too_large


def _by_version(orders: Sequence[OrderGraph]) -> Iterable[list[OrderGraph]]:
    """The first version of each order, then the second ones, and so on."""
    number: Counter[UUID] = Counter()
    batches: defaultdict[int, list[OrderGraph]] = defaultdict(list)
    for order in orders:
        batches[number[order.id]].append(order)
        number[order.id] += 1
    return batches.values()
