"""The join: writes the rows of a chunk to the read model, then publishes each version of the complete orders.

The result of one transaction is published before the next transaction commits. Within one process the order of work
ensures that; if another process wrote last, the table `publishing` has the orders that it may not have published.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from chassis.chunks.batch import Batch, Position
from chassis.chunks.handling import PartialFailure
from chassis.databases.postgres import Database
from chassis.logs import logger
from contracts.orders import ORDER, ORDER_DETAIL
from orders_stream import documents, incomplete, repository
from orders_stream.documents import NOTHING, Publication
from orders_stream.merging import Merged, Rows, by_order
from orders_stream.republish import Publish, publish_orders
from orders_stream.transactions import writing_orders
from orders_stream.writing import write

log = logger(__name__)

MOST_LOGGED = 10
"""Ids of orders in one log line: all of them at low load, a sample at high load."""


class _ConcurrentWriter(Exception):
    """Another process wrote the last transaction of this partition number."""


class Join:
    """The handler of `order` and `order_detail`. Publishes nothing if `publish` is None."""

    def __init__(self, read_model: Database, publish: Publish | None) -> None:
        self._read_model = read_model
        self._publish = publish
        self._last: dict[int, UUID] = {}
        """By partition number: the last transaction that had something to publish, and is published."""

    async def handle(self, batch: Batch) -> None:
        """Write the rows. Returns once all resulting documents are published.

        All orders of the chunk are published, not just those that changed: after a crash between commit and
        publication, the chunk is read again and changes nothing, but it is not published yet.

        Raises PartialFailure for orders that are too large, once all others are published.
        """
        partition = batch.position.partition
        chunk = by_order(batch.rows(ORDER), batch.rows(ORDER_DETAIL))
        merged, too_large = await self._write(partition, chunk, batch.positions)
        ids = [each.shown.row.order_id for each in merged if each.shown]
        # After partitions were added, older rows of an order are in another partition. Its row and lines can then be
        # written concurrently, neither transaction seeing the other; whichever looks last after its commit sees both.
        while again := await self._changed_by_others(merged):
            merged, too_large_too = await self._write(partition, again)
            too_large |= too_large_too
        log.info("orders joined", order_ids=[str(each) for each in ids[:MOST_LOGGED]], orders=len(ids))
        if too_large:
            raise PartialFailure(too_large.keys(), next(iter(too_large.values())))

    async def _write(
        self, partition: int, chunk: Sequence[Rows], positions: Sequence[Position] = ()
    ) -> tuple[list[Merged], dict[UUID, str]]:
        """Write and publish. Returns what is known of these orders, and those that are too large with the reason."""
        while True:
            try:
                merged, publication = await self._commit(partition, chunk, positions)
                break
            except _ConcurrentWriter:
                await self._take_over(partition)
        if self._publish is None:
            return merged, {}
        return merged, await publish_orders(self._read_model, self._publish, publication)

    async def _commit(
        self, partition: int, chunk: Sequence[Rows], positions: Sequence[Position]
    ) -> tuple[list[Merged], Publication]:
        own, last = uuid4(), self._last.get(partition)
        publishes = self._publish is not None
        async with writing_orders(self._read_model, partition) as tx:
            merged = await write(tx, chunk, publishes=publishes)
            publication = await documents.publication_of(tx, merged) if publishes else NOTHING
            if publication.documents:
                ids = [order.id for order in publication.newest]
                is_next = await repository.advance_and_note_pending(tx, positions, partition, ids, own, last)
                if not is_next:
                    raise _ConcurrentWriter
            else:
                await repository.advance(tx, positions)
        if publication.documents:
            self._last[partition] = own
        return merged, publication

    async def _take_over(self, partition: int) -> None:
        """Publish what another process may have committed and not published, and continue from there."""
        assert self._publish
        async with writing_orders(self._read_model, partition) as tx:
            last, orders = await repository.pending_orders(tx, partition)
            publication = await documents.read(tx, orders)
        for order_id, reason in (await publish_orders(self._read_model, self._publish, publication)).items():
            log.error("order not published", order_id=str(order_id), reason=reason)
        self._last[partition] = last

    async def _changed_by_others(self, orders: Sequence[Merged]) -> list[Rows]:
        """Those of these orders that another transaction has changed so that they may be whole now."""
        async with self._read_model.connection() as connection:
            return [Rows(order_id) for order_id in await incomplete.changed_by_others(connection, orders)]
