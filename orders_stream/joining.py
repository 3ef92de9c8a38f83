"""The join: rows of a chunk into the read model, then each version of the orders that are whole to others.

Nothing newer is committed before what was committed last is published. One process sees to that by its order of work;
where another process wrote last, the table `publishing` says which orders that left.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID, uuid4

from chassis.chunks.batch import Batch, Position
from chassis.databases.postgres import Database, PoolConnection
from chassis.logs import logger
from contracts.orders import ORDER, ORDER_DETAIL
from orders_stream import documents, repository, unpublished, upserts
from orders_stream.documents import NOTHING, Whole
from orders_stream.republish import Publish, tell, tell_what_can_be_told
from orders_stream.writing import writing_orders

log = logger(__name__)

MOST_LOGGED = 10
"""Ids of orders in one line of the log: all of them in quiet times, a sample under load."""

Write = Callable[[PoolConnection], Awaitable[None]]


class _WrittenByAnother(Exception):
    """Another process has written the last transaction for this partition number."""


class Join:
    """The handler of `order` and `order_detail`. Nobody is told of orders when `publish` is None."""

    def __init__(self, read_model: Database, publish: Publish | None) -> None:
        self._read_model = read_model
        self._publish = publish
        self._last: dict[int, UUID] = {}
        """For each partition number, the last transaction of this process that left something to be published."""

    async def handle(self, batch: Batch) -> None:
        """Make the rows durable, and return when everything is published that follows from them."""
        orders, older = batch.newest_and_older(ORDER)
        lines = batch.newest(ORDER_DETAIL)
        partition = batch.position.partition

        async def write(tx: PoolConnection) -> None:
            if self._publish:
                await unpublished.keep(tx, orders, older)
            await repository.upsert(tx, upserts.ORDERS, orders)
            await repository.upsert(tx, upserts.ORDER_LINES, lines)

        # All orders of the chunk, not just those that changed: after a crash between the commit and the telling the
        # chunk is read again and changes nothing any more, but nobody has been told yet.
        touched = sorted({row.order_id for row in orders} | {row.order_id for row in lines})
        whole = await self._show(partition, touched, batch.positions, write)
        # Where partitions were added, an order's older rows are in another one. Then its row and its lines can be
        # written side by side, neither transaction seeing the other: the last one to look after its commit sees both.
        while touched := await self._unshown(touched):
            await self._show(partition, touched)
        ids = [str(each.order.id) for each in whole.newest[:MOST_LOGGED]]
        log.info("orders joined", order_ids=ids, orders=len(whole.newest))

    async def _show(
        self, partition: int, orders: Sequence[UUID], positions: Sequence[Position] = (), write: Write | None = None
    ) -> Whole:
        """Write, show those of these orders that are whole, and publish them."""
        while True:
            try:
                whole = await self._commit(partition, orders, positions, write)
                break
            except _WrittenByAnother:
                await self._take_over(partition)
        if self._publish:
            await tell(self._read_model, self._publish, whole)
        return whole

    async def _commit(
        self, partition: int, orders: Sequence[UUID], positions: Sequence[Position], write: Write | None
    ) -> Whole:
        own, last = uuid4(), self._last.get(partition)
        async with writing_orders(self._read_model, partition) as tx:
            if write:
                await write(tx)
            await repository.show_whole_orders(tx, orders)
            whole = await documents.whole_orders(tx, orders) if self._publish else NOTHING
            if whole.joined:
                left = [each.order.id for each in whole.newest]
                is_next = await unpublished.advance_and_leave(tx, positions, partition, left, own, last)
                if not is_next:
                    raise _WrittenByAnother
            else:
                await repository.advance(tx, positions)
        if whole.joined:
            self._last[partition] = own
        return whole

    async def _take_over(self, partition: int) -> None:
        """Publish what another process has left, which may have died before it did so, and go on from there."""
        assert self._publish
        async with writing_orders(self._read_model, partition) as tx:
            last, left = await unpublished.left_to_publish(tx, partition)
            whole = await documents.whole_orders(tx, left)
        await tell_what_can_be_told(self._read_model, self._publish, whole)
        own = uuid4()
        async with writing_orders(self._read_model, partition) as tx:
            is_ours = await unpublished.take_over(tx, partition, own, last)
        if is_ours:
            self._last[partition] = own

    async def _unshown(self, orders: Sequence[UUID]) -> list[UUID]:
        async with self._read_model.connection() as connection:
            return await repository.unshown(connection, orders)
