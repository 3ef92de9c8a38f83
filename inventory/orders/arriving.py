"""The handler of `order` and `order_detail`: stores the rows of a chunk and decides its orders, some at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from chassis.chunks.batch import Batch
from chassis.chunks.handling import Handler
from chassis.databases.mysql import Database
from contracts.orders import ORDER, ORDER_DETAIL, OrderDetailRow, OrderRow
from inventory import metrics
from inventory.orders.scope import Work
from inventory.orders.settling import Clock, settle
from inventory.portions import portions


def decide_orders(database: Database, clock: Clock) -> Handler:
    """Decides all orders of a chunk, even those that did not change: nothing is done twice.

    After a crash the chunk is read again, and what was decided before it is found as such.
    """

    async def handle(batch: Batch) -> None:
        for work in works(batch.newest(ORDER), batch.newest(ORDER_DETAIL), _sequence(batch)):
            metrics.count(await settle(database, work, clock))

    return handle


def works(orders: Sequence[OrderRow], lines: Sequence[OrderDetailRow], sequence: Iterable[UUID]) -> Iterator[Work]:
    """The work of a chunk, in portions; orders in the sequence of the log: the first come is served first.

    All lines of an order count, also those that came before: an order that is cancelled gives all its units back.
    """
    order_of = {row.order_id: row for row in orders}
    lines_of: dict[UUID, list[OrderDetailRow]] = {}
    for line in lines:
        lines_of.setdefault(line.order_id, []).append(line)

    def size(order_id: UUID) -> int:
        order = order_of.get(order_id)
        return max(len(lines_of.get(order_id, ())), order.line_count if order else 0)

    for ids in portions((order_id, size(order_id)) for order_id in sequence):
        yield _work(ids, order_of, lines_of)


def _work(ids: Sequence[UUID], order_of: dict[UUID, OrderRow], lines_of: dict[UUID, list[OrderDetailRow]]) -> Work:
    # Sorted, so that two workers that have both been given a partition lock rows in the same order.
    orders = [order_of[each] for each in sorted(ids) if each in order_of]
    lines = sorted((line for each in ids for line in lines_of.get(each, ())), key=lambda line: line.order_detail_id)
    return Work(order_ids=ids, orders=orders, lines=lines)


def _sequence(batch: Batch) -> list[UUID]:
    """The orders of a chunk, as they came: by their own rows, then those of which only lines are there."""
    orders, lines = batch.rows(ORDER), batch.rows(ORDER_DETAIL)
    return [*dict.fromkeys([*(row.order_id for row in orders), *(line.order_id for line in lines)])]
