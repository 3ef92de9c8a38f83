"""The command that changes the lines of an order before it is confirmed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from chassis.databases.mysql import Connection, Row
from chassis.http.clients import caller
from chassis.openapi.responses import problems
from chassis.rest.dependencies import Db, IfMatch
from chassis.rest.etags import check_if_match
from chassis.rest.responses import WriteResponse, write_response
from contracts.orders import read_addresses
from orders import repository
from orders.changes.lines import CurrentOrder, change
from orders.changes.models import LinesUpdate
from orders.models import Order, OrderId
from orders.placement.placing import with_known_references
from orders.placement.rules import Line
from orders.problems import (
    NOT_ALLOWED,
    NOT_FOR_SALE,
    NOT_YET_KNOWN,
    ORDER_NOT_FOUND,
    PRICE_DIFFERS,
    TOO_LARGE,
    UNKNOWN_REFERENCE,
    no_such_order,
)
from orders.replica import repository as replica
from orders.representation import order_of
from orders.statuses import history
from orders.statuses.life_cycle import Command, after

router = APIRouter(tags=["orders"])

Caller = Annotated[str | None, Depends(caller)]


@router.patch(
    "/orders/{order_id}/lines",
    response_model=Order,
    summary="Change an order's lines",
    responses=problems(
        ORDER_NOT_FOUND, NOT_ALLOWED, UNKNOWN_REFERENCE, NOT_YET_KNOWN, TOO_LARGE, NOT_FOR_SALE, PRICE_DIFFERS
    ),
)
async def change_lines(
    order_id: OrderId, new: LinesUpdate, database: Db, caller: Caller, if_match: IfMatch = None
) -> Response:
    """Replaces all lines before the order is confirmed. Requires `If-Match`.

    A line that is sent with its `id` keeps its price and product name, and its discount if `discount` is missing; its
    product may be inactive by now. Additional units, and lines without an `id`, are ordered at the current price and
    name; if those differ, additional units get a line of their own after it. Delivery addresses that the order already
    has are kept as they are. The response has new line ids.
    """
    changed = [line.changed() for line in new.lines]

    async def work(tx: Connection) -> WriteResponse:
        before = await repository.find_order(tx, order_id, lock=True)
        if before is None:
            raise no_such_order(order_id)
        check_if_match(if_match, before["version"])
        status = after(before["status"], Command.CHANGE_LINES)
        customer_id = UUID(before["customer_id"])
        known = await replica.references(tx, customer_id, [line.request for line in changed])
        placed = change(await _held(tx, before), customer_id, changed, known)
        order, lines = await repository.change_lines(tx, before, status, placed)
        history.note(tx, order, Command.CHANGE_LINES, caller)
        return write_response("order", order_id, order_of(order, lines))

    return (await with_known_references(database, work)).response()


async def _held(tx: Connection, order: Row) -> CurrentOrder:
    lines = {
        UUID(row["order_detail_id"]): Line(
            row["sku"],
            row["product_name"],
            row["quantity"],
            row["unit_price"],
            row["discount"],
            row["amount"],
            UUID(row["delivery_address_id"]),
        )
        for row in await repository.find_lines(tx, order)
    }
    return CurrentOrder(order["currency"], lines, read_addresses(order["delivery_addresses"]))
