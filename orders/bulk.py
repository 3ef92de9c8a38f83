"""Many exported orders at once: those that are new are made as they were, those that are here must say the same."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import cast

from chassis.bulk import Done, Outcome
from chassis.bulk_writing import write_together
from chassis.mysql import Connection, Database, transact
from chassis.problems import Problem
from orders import bulk_repository, problems
from orders.bulk_models import SentOrder
from orders.bulk_repository import Here
from orders.references import UnknownReference
from orders.refusal import Fault, Refusal
from orders.replays import NumberTaken, OrderDiffers
from orders.restoring import OrderRows, check_is_the_same, rows_of


async def write_orders(database: Database, orders: Sequence[SentOrder]) -> list[Outcome]:
    """Write them in one transaction, or in few when somebody else writes the same. Raises Unavailable."""

    async def write(batch: Sequence[SentOrder]) -> Sequence[Outcome]:
        return await _write(database, batch)

    return await write_together(orders, lambda order: str(order.id), write)


async def _write(database: Database, orders: Sequence[SentOrder]) -> list[Outcome]:
    sent = [_rows(order) for order in orders]
    fitting = [each for each in sent if isinstance(each, OrderRows)]
    async with database.reading() as connection:
        here = await bulk_repository.find_here(connection, fitting)
    decided = [each if isinstance(each, Problem) else _decided(each, here) for each in sent]
    new = [rows for rows, outcome in zip(sent, decided, strict=True) if outcome is None]

    async def make(tx: Connection) -> set[str]:
        orders_of = [cast(OrderRows, each) for each in new]
        of_whom = {each.order["customer_id"] for each in orders_of if each.order["erased_at"] is None}
        known = await bulk_repository.lock_customers(tx, of_whom)
        made = [each for each in orders_of if each.order["erased_at"] or each.order["customer_id"] in known]
        if made:
            await bulk_repository.insert_orders(tx, made)
        return {each.order["order_id"] for each in made}

    made = await transact(database, make) if new else set()
    return [
        outcome or (_done(order, HTTPStatus.CREATED) if str(order.id) in made else _of_nobody(order))
        for order, outcome in zip(orders, decided, strict=True)
    ]


def _rows(order: SentOrder) -> OrderRows | Problem:
    try:
        return rows_of(order)
    except Refusal as refusal:
        return problems.problem(refusal)


def _decided(sent: OrderRows, here: Here) -> Outcome | None:
    """What becomes of an order; None when it is new and nothing of it is another's."""
    order = sent.order
    try:
        if there := here.orders.get(order["order_id"]):
            check_is_the_same(sent, there)
            return Done(HTTPStatus.OK, {"id": order["order_id"], "version": order["version"]})
        if (order["external_id"], order["source"]) in here.numbers:
            raise NumberTaken([Fault("#/externalId", "another order has this number in its source")])
        if any(line["order_detail_id"] in here.lines for line in sent.lines):
            raise OrderDiffers([Fault("#/lines", "a line with one of these ids is another order's")])
    except Refusal as refusal:
        return problems.problem(refusal)
    return None


def _done(order: SentOrder, status: HTTPStatus) -> Done:
    return Done(status, {"id": str(order.id), "version": order.version})


def _of_nobody(order: SentOrder) -> Problem:
    """An order that is not erased is somebody's, or nobody would be there to be erased from it."""
    return problems.problem(UnknownReference([Fault("#/customerId", f"there is no customer {order.customer_id}")]))
