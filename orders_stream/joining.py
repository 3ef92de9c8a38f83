"""The join: writes the rows of a chunk to the read model, then publishes each version of the complete orders.

The result of one transaction is published before the next transaction commits. Within one process the order of work
ensures that; if another process wrote last, the table `publishing` has the orders that it may not have published.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID, uuid4

from chassis.chunks.batch import Batch, Position
from chassis.databases.postgres import Database, PoolConnection
from chassis.logs import logger
from contracts.orders import ORDER, ORDER_DETAIL
from orders_stream import documents, repository, unpublished, upserts
from orders_stream.documents import NOTHING, Publication
from orders_stream.republish import Publish, publish_or_log, publish_orders
from orders_stream.transactions import writing_orders

log = logger(__name__)

MOST_LOGGED = 10
"""Ids of orders in one log line: all of them at low load, a sample at high load."""

Write = Callable[[PoolConnection], Awaitable[None]]


class _ConcurrentWriter(Exception):
    """Another process wrote the last transaction of this partition number."""


class Join:
    """The handler of `order` and `order_detail`. Publishes nothing if `publish` is None."""

    def __init__(self, read_model: Database, publish: Publish | None) -> None:
        self._read_model = read_model
        self._publish = publish
        self._last: dict[int, UUID] = {}
        """By partition number: the last transaction of this process that had something to publish."""

    async def handle(self, batch: Batch) -> None:
        """Write the rows. Returns once all resulting documents are published."""
        orders, older = batch.newest_and_older(ORDER)
        lines = batch.newest(ORDER_DETAIL)
        partition = batch.position.partition

        async def write(tx: PoolConnection) -> None:
            if self._publish:
                await unpublished.keep(tx, orders, older)
            await repository.upsert(tx, upserts.ORDERS, orders)
            await repository.upsert(tx, upserts.ORDER_LINES, lines)

        # All orders of the chunk, not just those that changed: after a crash between commit and publication, the chunk
        # is read again and changes nothing, but it is not published yet.
        changed = sorted({row.order_id for row in orders} | {row.order_id for row in lines})
        publication = await self._show(partition, changed, batch.positions, write)
        # After partitions were added, older rows of an order are in another partition. Its row and lines can then be
        # written concurrently, neither transaction seeing the other; whichever reads last after its commit sees both.
        while changed := await self._unshown(changed):
            await self._show(partition, changed)
        ids = [str(each.order.id) for each in publication.newest[:MOST_LOGGED]]
        log.info("orders joined", order_ids=ids, orders=len(publication.newest))

    async def _show(
        self, partition: int, orders: Sequence[UUID], positions: Sequence[Position] = (), write: Write | None = None
    ) -> Publication:
        """Write, show those of these orders that are complete, and publish them."""
        while True:
            try:
                publication = await self._commit(partition, orders, positions, write)
                break
            except _ConcurrentWriter:
                await self._take_over(partition)
        if self._publish:
            await publish_orders(self._read_model, self._publish, publication)
        return publication

    async def _commit(
        self, partition: int, orders: Sequence[UUID], positions: Sequence[Position], write: Write | None
    ) -> Publication:
        own, last = uuid4(), self._last.get(partition)
        async with writing_orders(self._read_model, partition) as tx:
            if write:
                await write(tx)
            await repository.show_whole_orders(tx, orders)
            publication = await documents.whole_orders(tx, orders) if self._publish else NOTHING
            if publication.documents:
                pending = [each.order.id for each in publication.newest]
                is_next = await unpublished.advance_and_note_pending(tx, positions, partition, pending, own, last)
                if not is_next:
                    raise _ConcurrentWriter
            else:
                await repository.advance(tx, positions)
        if publication.documents:
            self._last[partition] = own
        return publication

    async def _take_over(self, partition: int) -> None:
        """Publish what another process may have committed and not published, and continue from there."""
        assert self._publish
        async with writing_orders(self._read_model, partition) as tx:
            last, pending = await unpublished.pending_orders(tx, partition)
            publication = await documents.whole_orders(tx, pending)
        await publish_or_log(self._read_model, self._publish, publication)
        own = uuid4()
        async with writing_orders(self._read_model, partition) as tx:
            is_ours = await unpublished.take_over(tx, partition, own, last)
        if is_ours:
            self._last[partition] = own

    async def _unshown(self, orders: Sequence[UUID]) -> list[UUID]:
        async with self._read_model.connection() as connection:
            return await repository.unshown(connection, orders)
