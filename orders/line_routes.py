"""Changing the lines of an order before it is confirmed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from chassis.answers import Answer, written
from chassis.callers import caller
from chassis.dependencies import Db, IfMatch
from chassis.etags import check_if_match
from chassis.mysql import Connection, Row
from chassis.openapi import problems
from contracts.orders import OrderStatus, read_addresses
from orders import history, replica, repository, rules
from orders.answers import Order, whole
from orders.life_cycle import Command, after
from orders.models import ChangedLines, OrderId
from orders.placing import once_known
from orders.problems import (
    NOT_ALLOWED,
    NOT_FOR_SALE,
    NOT_YET_KNOWN,
    ORDER_NOT_FOUND,
    PRICE_DIFFERS,
    UNKNOWN_REFERENCE,
    no_such_order,
)

router = APIRouter(tags=["orders"])

Caller = Annotated[str | None, Depends(caller)]


@router.patch(
    "/orders/{order_id}/lines",
    response_model=Order,
    summary="Change an order's lines",
    responses=problems(ORDER_NOT_FOUND, NOT_ALLOWED, UNKNOWN_REFERENCE, NOT_YET_KNOWN, NOT_FOR_SALE, PRICE_DIFFERS),
)
async def change_lines(
    order_id: OrderId, new: ChangedLines, database: Db, caller: Caller, if_match: IfMatch = None
) -> Response:
    """All lines anew, before the order is confirmed. Needs `If-Match`.

    A product or an address that the order holds already keeps the name, the price and what it said when it was placed;
    what is new is taken as it is today.
    """
    asked = [line.asked() for line in new.lines]

    async def work(tx: Connection) -> Answer:
        before = await repository.find_order(tx, order_id, lock=True)
        if before is None:
            raise no_such_order(order_id)
        check_if_match(if_match, before["version"])
        after(OrderStatus(before["status"]), Command.CHANGE_LINES)
        customer_id = UUID(before["customer_id"])
        known = await replica.references(tx, customer_id, asked)
        placed = rules.change(await _as_placed(tx, before), customer_id, asked, known)
        order, lines = await repository.change_lines(tx, before, placed)
        history.note(tx, order, Command.CHANGE_LINES, caller)
        return written("order", order_id, whole(order, lines))

    return (await once_known(database, work)).response()


async def _as_placed(tx: Connection, order: Row) -> rules.Placed:
    lines = [
        rules.Line(
            row["sku"],
            row["product_name"],
            row["quantity"],
            row["unit_price"],
            row["discount"],
            row["amount"],
            UUID(row["delivery_address_id"]),
        )
        for row in await repository.find_lines(tx, order)
    ]
    return rules.Placed(order["currency"], lines, read_addresses(order["delivery_addresses"]))
