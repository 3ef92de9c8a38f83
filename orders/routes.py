"""Routes that place and read orders. The writes of a route are in its function `work`."""

from __future__ import annotations

from fastapi import APIRouter, Response
from structlog.contextvars import bind_contextvars

from chassis.databases.mysql import Connection
from chassis.http.errors.problem_types import ERASED
from chassis.openapi.responses import NOT_MODIFIED, problems
from chassis.rest import pages, updates
from chassis.rest.dependencies import Db, IfNoneMatch
from chassis.rest.idempotency import KeyedOnce
from chassis.rest.preferences import WaitS
from chassis.rest.responses import WriteResponse, created_response, unless_unchanged
from orders import repository
from orders.listing import ListQuery
from orders.models import NewOrder, Order, OrderId, OrderSummary
from orders.placement import rows, rules
from orders.placement.placing import with_known_references
from orders.problems import NOT_FOR_SALE, NOT_YET_KNOWN, ORDER_NOT_FOUND, PRICE_DIFFERS, TOO_LARGE, UNKNOWN_REFERENCE
from orders.replica import repository as replica
from orders.representation import order_of, read_order, summary_of
from orders.statuses import history
from orders.statuses.by_hand import read_allowed
from orders.statuses.life_cycle import Beginning
from orders.statuses.waiting import WaitingRequests

router = APIRouter(tags=["orders"])


@router.post(
    "/orders",
    status_code=201,
    response_model=Order,
    summary="Place an order",
    responses=problems(UNKNOWN_REFERENCE, NOT_YET_KNOWN, TOO_LARGE, NOT_FOR_SALE, PRICE_DIFFERS, ERASED),
)
async def place_order(
    new: NewOrder, database: Db, once: KeyedOnce, waiting: WaitingRequests, wait_s: WaitS
) -> Response:
    """Uses current prices. Requires an `Idempotency-Key`: a retry does not place a second order.

    With `Prefer: wait=2`, the response is sent once the order has left the status `placed`, or after two seconds.
    """
    requested = [line.request() for line in new.lines]

    async def work(tx: Connection) -> WriteResponse:
        known = await replica.references(tx, new.customer_id, requested)
        placed = rules.place(new.customer_id, requested, known)
        order = rows.placed_now(new, placed)
        lines = rows.lines_of(order["order_id"], rows.FIRST_VERSION, placed)
        order = repository.insert_order_later(tx, order, lines)
        history.note(tx, order, Beginning.PLACE, once.caller)
        answer = order_of(order, lines)
        bind_contextvars(order_id=order["order_id"])
        return created_response("order", answer.id, answer, f"/orders/{answer.id}", about=new.customer_id)

    placed = await once.once(database, work, with_known_references)
    return await waiting.answer(placed, wait_s) if wait_s else placed


@router.get(
    "/orders",
    response_model=pages.Page[OrderSummary],
    summary="List orders",
    description="Orders that match all filters, newest first, without their lines." + updates.DESCRIPTION,
    responses=NOT_MODIFIED,
)
async def list_orders(database: Db, query: ListQuery, wanted: pages.RequestedPage) -> Response:
    """Each page starts after the last order of the page before."""
    after = wanted.after()
    async with database.reading() as connection:
        found = await query.read(connection, after, wanted.limit + 1)
        allowed = await read_allowed(connection, found)
    return wanted.answer(found, query.key, lambda row: summary_of(row, allowed[row["order_id"]]))


@router.get(
    "/orders/{order_id}",
    response_model=Order,
    summary="Get an order",
    responses={**NOT_MODIFIED, **problems(ORDER_NOT_FOUND)},
)
async def get_order(
    order_id: OrderId, database: Db, response: Response, if_none_match: IfNoneMatch = None
) -> Order | Response:
    """Includes the lines. With `If-None-Match`, 304 if the client has the current version."""
    async with database.reading() as connection:
        order = await read_order(connection, order_id)
    return unless_unchanged(response, order, if_none_match)
