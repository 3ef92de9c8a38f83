"""Routes of the commands that change an order's status. The status changes only through these commands."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from chassis.databases.mysql import Connection, Database, Row
from chassis.http.errors.problem_types import ERASED
from chassis.openapi.responses import problems
from chassis.rest.dependencies import Db, IfMatchWhenSent
from chassis.rest.etags import check_if_match_when_sent
from chassis.rest.idempotency import Once, Post
from chassis.rest.responses import WriteResponse, write_response
from contracts.orders import OrderStatus
from orders import repository
from orders.changes.models import Reason
from orders.fulfilment.replica import are_under_way
from orders.fulfilment.rules import SETTLED, follows_shipments
from orders.models import Order, OrderId
from orders.problems import (
    FOLLOWS_SHIPMENTS,
    NOT_ALLOWED,
    ORDER_NOT_FOUND,
    SOURCED_BY_INVENTORY,
    UNITS_MISSING,
    no_such_order,
)
from orders.representation import shown_order
from orders.settings import INVENTORY
from orders.sourcing.replica import is_sourced, read_short_of
from orders.sourcing.rules import BY_INVENTORY, sourced_by_inventory, units_are_missing
from orders.statuses import moving
from orders.statuses.life_cycle import Command, after

router = APIRouter(tags=["life cycle"])


_PROBLEMS = problems(ORDER_NOT_FOUND, NOT_ALLOWED, ERASED)
_BY_SHIPMENTS = problems(ORDER_NOT_FOUND, NOT_ALLOWED, FOLLOWS_SHIPMENTS, ERASED)
_SHIPPED = problems(ORDER_NOT_FOUND, NOT_ALLOWED, FOLLOWS_SHIPMENTS, UNITS_MISSING, ERASED)
_BY_STOCK = problems(ORDER_NOT_FOUND, NOT_ALLOWED, SOURCED_BY_INVENTORY, ERASED)


@router.post("/orders/{order_id}/confirm", response_model=Order, summary="Confirm an order", responses=_BY_STOCK)
async def confirm_order(order_id: OrderId, database: Db, once: Once, if_match: IfMatchWhenSent = None) -> Response:
    """Accepts the order; its lines can no longer be changed. Orders that inventory sources are confirmed by it."""
    return await _move(order_id, Command.CONFIRM, database, once, if_match)


@router.post("/orders/{order_id}/backorder", response_model=Order, summary="Back-order an order", responses=_BY_STOCK)
async def backorder_order(
    order_id: OrderId, database: Db, once: Once, body: Reason | None = None, if_match: IfMatchWhenSent = None
) -> Response:
    """Notes that it waits for units. Orders that inventory sources are back-ordered by it."""
    return await _move(order_id, Command.BACKORDER, database, once, if_match, body)


@router.post("/orders/{order_id}/reject", response_model=Order, summary="Reject an order", responses=_BY_STOCK)
async def reject_order(
    order_id: OrderId, database: Db, once: Once, body: Reason | None = None, if_match: IfMatchWhenSent = None
) -> Response:
    """Declines the order. Orders that inventory sources are rejected by it; they can be cancelled by hand."""
    return await _move(order_id, Command.REJECT, database, once, if_match, body)


@router.post("/orders/{order_id}/ship", response_model=Order, summary="Ship an order", responses=_SHIPPED)
async def ship_order(order_id: OrderId, database: Db, once: Once, if_match: IfMatchWhenSent = None) -> Response:
    """All its units have left. Orders follow their shipments; by hand only if none of them is still to leave.

    A confirmed order whose stores lack some of its units is not shipped; a partly shipped one is closed without them.
    """
    return await _move(order_id, Command.SHIP, database, once, if_match)


@router.post("/orders/{order_id}/deliver", response_model=Order, summary="Deliver an order", responses=_BY_SHIPMENTS)
async def deliver_order(order_id: OrderId, database: Db, once: Once, if_match: IfMatchWhenSent = None) -> Response:
    """All its units have arrived. Orders follow their shipments; by hand only once all of them have ended."""
    return await _move(order_id, Command.DELIVER, database, once, if_match)


@router.post("/orders/{order_id}/cancel", response_model=Order, summary="Cancel an order", responses=_PROBLEMS)
async def cancel_order(
    order_id: OrderId, database: Db, once: Once, body: Reason | None = None, if_match: IfMatchWhenSent = None
) -> Response:
    """Possible until its first units have left. With `If-Match`, only if the order has that version."""
    return await _move(order_id, Command.CANCEL, database, once, if_match, body)


async def _move(
    order_id: UUID, command: Command, database: Database, once: Post, if_match: str | None, body: Reason | None = None
) -> Response:
    reason = body.reason if body else None

    async def work(tx: Connection) -> WriteResponse:
        before = await repository.find_order(tx, order_id, lock=True)
        if before is None:
            raise no_such_order(order_id)
        check_if_match_when_sent(if_match, before["version"])
        await _check_by_hand(tx, before, command)
        order = moving.move(tx, before, command, once.caller, reason)
        answer = await shown_order(tx, order, await repository.find_lines(tx, order))
        return write_response("order", order_id, answer, about=UUID(order["customer_id"]))

    return await once.once(database, work)


async def _check_by_hand(tx: Connection, order: Row, command: Command) -> None:
    """Raises NotAllowed; SourcedByInventory or FollowsShipments if its stock or its shipments give this command;
    UnitsAreMissing if it would ship what stores do not have.
    """
    after(order["status"], command)
    if INVENTORY and command in BY_INVENTORY and await is_sourced(tx, order):
        raise sourced_by_inventory(command)
    if command in SETTLED and await are_under_way(tx, order["order_id"], command):
        raise follows_shipments(command)
    is_first_to_leave = command is Command.SHIP and order["status"] == OrderStatus.CONFIRMED
    if INVENTORY and is_first_to_leave and (missing := await read_short_of(tx, order)):
        raise units_are_missing(missing)
