"""Routes of the sourcing of orders."""

from __future__ import annotations

from uuid import UUID

import orjson
from fastapi import APIRouter, Response

from chassis.databases.mysql import Connection
from chassis.openapi.responses import NOT_MODIFIED, problems
from chassis.rest.dependencies import Db, IfNoneMatch
from chassis.rest.responses import unless_unchanged, write_response
from inventory import metrics
from inventory.orders.models import Sourcing, ThisOrder
from inventory.orders.scope import Work
from inventory.orders.settling import settle
from inventory.problems import ORDER_NOT_FOUND, SOURCING_NOT_FOUND, no_such_order, no_such_sourcing
from inventory.times import aware_now

router = APIRouter(tags=["sourcings"])


@router.get(
    "/sourcings/{order_id}",
    response_model=Sourcing,
    summary="Get the sourcing of an order",
    responses={**NOT_MODIFIED, **problems(SOURCING_NOT_FOUND)},
)
async def get_sourcing(
    order_id: ThisOrder, database: Db, response: Response, if_none_match: IfNoneMatch = None
) -> Sourcing | Response:
    """With `If-None-Match`, 304 if the client has the current version."""
    async with database.reading() as connection:
        sourcing = await _find(connection, order_id)
    if sourcing is None:
        raise no_such_sourcing(order_id)
    return unless_unchanged(response, sourcing, if_none_match)


@router.post(
    "/sourcings/{order_id}/retry",
    response_model=Sourcing,
    summary="Decide about the stock of an order again",
    responses=problems(ORDER_NOT_FOUND, SOURCING_NOT_FOUND),
)
async def retry_sourcing(order_id: ThisOrder, database: Db) -> Response:
    """Also of one that was refused, or placed before inventory's first start. Repeating it has no further effect.

    Nothing is decided about an order that is cancelled or rejected, or of which units left before inventory knew it.
    """
    async with database.reading() as connection:
        sql = "SELECT 1 FROM replica_order WHERE order_id = %s AND NOT deleted"
        if await connection.fetch_one(sql, [order_id]) is None:
            raise no_such_order(order_id)
    metrics.count(await settle(database, Work([order_id], is_retry=True), aware_now))
    async with database.reading() as connection:
        sourcing = await _find(connection, order_id)
    if sourcing is None:
        raise no_such_sourcing(order_id)
    return write_response("sourcing", order_id, sourcing).response()


async def _find(connection: Connection, order_id: UUID) -> Sourcing | None:
    row = await connection.fetch_one("SELECT * FROM sourcing WHERE order_id = %s", [order_id])
    return Sourcing.model_validate({**row, "lines": _lines(row["lines"])}) if row else None


def _lines(stored: str) -> list[dict[str, object]]:
    lines: list[dict[str, object]] = orjson.loads(stored)
    return lines
