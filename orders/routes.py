"""HTTP in, HTTP out: one function per route. A transaction is open only where it is in sight."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Response

from chassis.dependencies import Db, IfNoneMatch
from chassis.etags import check_if_match_when_sent, is_unchanged
from chassis.logs import logger
from chassis.mysql import Database
from chassis.openapi import NOT_MODIFIED, problems
from chassis.resources import made, shown, unchanged, written
from contracts.orders import OrderStatus
from orders import repository, rules
from orders.answers import answered
from orders.models import Cancellation, ImportedOrder, NewOrder, Order
from orders.placing import once_known
from orders.refusals import no_such_order

log = logger(__name__)

router = APIRouter(tags=["orders"])


IfMatch = Annotated[str | None, Header(description="The ETag of the order as you read it: 412 when it is older.")]


@router.post("/orders", status_code=201, summary="Place an order", responses=problems(409, 422, 503))
async def place_order(new: NewOrder, database: Db, response: Response) -> Order:
    """At today's prices. Answers once it is durable."""
    asked = [rules.AskedLine(line.sku, line.quantity, line.delivery_address_id, line.unit_price) for line in new.lines]
    placed = await once_known(database, new.customer_id, asked, rules.place)
    async with database.transaction() as tx:
        order_id = await repository.insert_order(tx, repository.NewRow.placed_now(new.customer_id, placed))
        order = await answered(tx, order_id)
    log.info("order placed", order_id=str(order_id), total=order.total, currency=order.currency)
    return made(response, "order", order_id, order, f"/orders/{order_id}")


@router.post(
    "/imported-orders",
    status_code=201,
    summary="Take over an order from another system",
    responses={200: {"description": "It is here already.", "model": Order}, **problems(422, 503)},
)
async def import_order(old: ImportedOrder, database: Db, response: Response) -> Order:
    """With its dates, prices and discounts there. Doing so again, with the same `externalId`, changes nothing."""
    if known := await _imported_before(old.external_id, database, response):
        return known
    asked = [
        rules.AskedLine(line.sku, line.quantity, line.delivery_address_id, line.unit_price, line.discount)
        for line in old.lines
    ]
    placed = await once_known(database, old.customer_id, asked, rules.as_it_was(old.currency))
    try:
        async with database.transaction() as tx:
            order_id = await repository.insert_order(tx, repository.NewRow.imported(old, placed))
            order = await answered(tx, order_id)
    except repository.ExternalIdTaken:
        if known := await _imported_before(old.external_id, database, response):
            return known
        raise
    log.info("order imported", order_id=str(order_id), external_id=old.external_id)
    return made(response, "order", order_id, order, f"/orders/{order_id}")


@router.get(
    "/orders/{order_id}",
    response_model=Order,
    summary="One order",
    responses={**NOT_MODIFIED, **problems(404, 422, 503)},
)
async def get_order(
    order_id: UUID, database: Db, response: Response, if_none_match: IfNoneMatch = None
) -> Order | Response:
    """With its lines. With `If-None-Match`, 304 when the client has this version already."""
    async with database.reading() as connection:
        order = await answered(connection, order_id)
    if is_unchanged(if_none_match, order.version):
        return unchanged(order)
    return shown(response, order)


@router.post("/orders/{order_id}/cancel", summary="Cancel an order", responses=problems(404, 409, 412, 422, 503))
async def cancel_order(
    order_id: UUID, database: Db, response: Response, body: Cancellation | None = None, if_match: IfMatch = None
) -> Order:
    """Only while it is placed and not on its way. With `If-Match`, only in the state that the client saw."""
    async with database.transaction() as tx:
        row = await repository.find_order(tx, order_id, lock=True)
        if row is None:
            raise no_such_order(order_id)
        check_if_match_when_sent(if_match, row["version"])
        rules.check_cancellable(OrderStatus(row["status"]))
        await repository.cancel_order(tx, row, body.reason if body else None)
        order = await answered(tx, order_id)
    log.info("order cancelled", order_id=str(order_id))
    return written(response, "order", order.id, order)


async def _imported_before(external_id: str, database: Database, response: Response) -> Order | None:
    async with database.reading() as connection:
        row = await repository.find_by_external_id(connection, external_id)
        if row is None:
            return None
        order = await answered(connection, UUID(row["order_id"]))
    response.status_code = 200
    return written(response, "order", order.id, order)
