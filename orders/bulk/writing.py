"""Imports exported orders: a new order is created as it was, an existing one must be identical."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import cast

from chassis.bulk.bulk import LineResult, Outcome
from chassis.bulk.writing import write_together
from chassis.databases.mysql import Connection, Database, transact
from chassis.http.errors.problems import Problem
from orders import problems
from orders.bulk import repository as bulk_repository
from orders.bulk.models import ExportedOrder
from orders.bulk.repository import ExistingOrders
from orders.bulk.restoring import OrderRows, check_is_the_same, rows_of
from orders.imports.replays import ExternalIdConflict, NumberTaken, OrderDiffers
from orders.placement.placing import with_known_references
from orders.refusal import Refusal, Violation
from orders.replica.references import CUSTOMERS, NotYetKnown, Unknown, UnknownReference


async def write_orders(database: Database, orders: Sequence[ExportedOrder]) -> list[Outcome]:
    """Write orders in one transaction, or in a few if others write the same orders. Raises Unavailable."""

    async def write(batch: Sequence[ExportedOrder]) -> Sequence[Outcome]:
        return await _write(database, batch)

    return await write_together(orders, lambda order: str(order.id), write)


async def _write(database: Database, orders: Sequence[ExportedOrder]) -> list[Outcome]:
    sent = [_rows(order) for order in orders]
    fitting = [each for each in sent if isinstance(each, OrderRows)]
    async with database.reading() as connection:
        here = await bulk_repository.find_existing(connection, fitting)
    decided = [each if isinstance(each, Problem) else _decided(each, here) for each in sent]
    new = [rows for rows, outcome in zip(sent, decided, strict=True) if outcome is None]

    refusals = await _make(database, [cast(OrderRows, each) for each in new])
    return [
        outcome or refusals.get(str(order.id)) or _done(order, HTTPStatus.CREATED)
        for order, outcome in zip(orders, decided, strict=True)
    ]


async def _make(database: Database, new: Sequence[OrderRows]) -> dict[str, Problem]:
    """Create orders once their customers are known. Returns the problems of the refused ones, by their ids.

    Every order that is not erased must have a known customer, so that the customer can still be erased from it.
    """
    made = await _insert(database, new)
    waiting = [each for each in new if each.order["order_id"] not in made]
    if not waiting:
        return {}
    missing = {str(each.order["customer_id"]) for each in waiting}

    async def look(tx: Connection) -> None:
        missing.difference_update(await bulk_repository.lock_customers(tx, missing))
        if missing:
            raise UnknownReference([_unknown(each) for each in sorted(missing)])

    refusal: Refusal = UnknownReference([])
    try:
        await with_known_references(database, look)
    except (UnknownReference, NotYetKnown) as unknown:
        refusal = unknown
    made |= await _insert(database, [each for each in waiting if each.order["customer_id"] not in missing])
    refused = [each.order for each in waiting if each.order["order_id"] not in made]
    return {each["order_id"]: problems.problem(type(refusal)([_unknown(each["customer_id"])])) for each in refused}


async def _insert(database: Database, new: Sequence[OrderRows]) -> set[str]:
    """Create those orders whose customers are known, or that are erased. Returns their ids."""

    async def make(tx: Connection) -> set[str]:
        of_whom = {each.order["customer_id"] for each in new if each.order["erased_at"] is None}
        known = await bulk_repository.lock_customers(tx, of_whom)
        made = [each for each in new if each.order["erased_at"] or each.order["customer_id"] in known]
        if made:
            await bulk_repository.insert_orders(tx, made)
        return {each.order["order_id"] for each in made}

    return await transact(database, make) if new else set()


def _unknown(customer_id: str) -> Unknown:
    return Unknown("#/customerId", f"customer {customer_id} does not exist", CUSTOMERS)


def _rows(order: ExportedOrder) -> OrderRows | Problem:
    try:
        return rows_of(order)
    except Refusal as refusal:
        return problems.problem(refusal)


def _decided(sent: OrderRows, here: ExistingOrders) -> Outcome | None:
    """The outcome for an order; None if it is new and none of its ids belong to another order."""
    order = sent.order
    try:
        if there := here.orders.get(order["order_id"]):
            check_is_the_same(sent, there)
            return LineResult(HTTPStatus.OK, {"id": order["order_id"], "version": order["version"]})
        if order["number"] in here.numbers:
            raise NumberTaken([Violation("#/number", f"another order has the number {order['number']}")])
        if (order["external_id"], order["source"]) in here.external_ids:
            raise ExternalIdConflict([Violation("#/externalId", "another order of this source has this externalId")])
        if any(line["order_detail_id"] in here.lines for line in sent.lines):
            raise OrderDiffers([Violation("#/lines", "a line with one of these ids belongs to another order")])
    except Refusal as refusal:
        return problems.problem(refusal)
    return None


def _done(order: ExportedOrder, status: HTTPStatus) -> LineResult:
    return LineResult(status, {"id": str(order.id), "version": order.version})
