"""What a transaction of decisions locks. It is read before the transaction begins."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.databases.mysql import Connection, Database
from contracts.orders import OrderDetailRow, OrderRow
from contracts.shipping import ShipmentRow
from contracts.stores import AllocationRow, StockRow
from inventory.orders import backorders, repository
from inventory.orders.terms import may_be_backordered


@dataclass(frozen=True)
class Work:
    """Orders to be decided, in this sequence, and the rows that are written before: arrived orders, answers, stock, or
    shipments.

    The orders that wait for units of `skus`, and of all that changes, are decided, too.
    """

    order_ids: Sequence[UUID] = ()
    orders: Sequence[OrderRow] = ()
    lines: Sequence[OrderDetailRow] = ()
    answers: Sequence[AllocationRow] = ()
    stocks: Sequence[StockRow] = ()
    skus: Collection[str] = ()
    shipments: Sequence[ShipmentRow] = ()
    is_retry: bool = False


class ScopeGrew(Exception):
    """A SKU got stock, or may be back-ordered, or a store got its first stock of one, since the scope was read."""


@dataclass(frozen=True)
class Scope:
    """The ids of the availability rows and of the holds that a transaction locks, and the orders that wait for units.

    `nowhere` are the SKUs that orders wait for, or may, and that have no row: the row of the SKU is locked instead.
    Read before the transaction begins, so that its own reads begin after its locks.
    """

    stock_ids: set[str]
    holds: set[str]
    waiting: Sequence[UUID]
    nowhere: set[str]


async def read_scope(database: Database, work: Work) -> Scope:
    """The scope of some work. Raises Unavailable."""
    order_ids = {str(each) for each in work.order_ids}
    holds = {str(row.reservation_id) for row in work.orders if row.reservation_id}
    skus = {row.sku for row in work.lines} | {row.sku for row in work.answers}
    async with database.reading() as connection:
        if work.answers:
            ids = [str(row.allocation_id) for row in work.answers]
            known = await repository.reservations_by_id(connection, ids)
            order_ids |= {str(row.order_id) for row in known if row.order_id}
        stock_ids, nowhere = set[str](), set[str]()
        if order_ids:
            stock_ids, nowhere = await repository.scope(connection, order_ids, skus, holds)
        if holds:
            holds = await repository.known_holds(connection, holds)
        stock_ids |= {row.stock_id for row in work.answers} | {row.stock_id for row in work.stocks}
        queued = {*work.skus} | await backorders.queued(connection, stock_ids)
        waiting = await backorders.heads(connection, queued)
        if queued:
            of_queue = await repository.scope(connection, {str(each) for each in waiting}, queued)
            stock_ids, nowhere = stock_ids | of_queue[0], nowhere | of_queue[1]
        if nowhere:
            nowhere = await _backordered(connection, nowhere)
    return Scope(stock_ids, holds, waiting, nowhere)


async def _backordered(connection: Connection, skus: Collection[str]) -> set[str]:
    waited_for = await backorders.waited_for_among(connection, skus)
    return waited_for | await may_be_backordered(connection, skus)
