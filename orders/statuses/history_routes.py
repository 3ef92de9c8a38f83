"""The history of an order over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from chassis.openapi.responses import NOT_MODIFIED, problems
from chassis.rest import pages
from chassis.rest.dependencies import Db
from chassis.rest.etags import etag
from chassis.types.schemas import example
from chassis.types.times import StoredTime
from orders import repository
from orders.examples import HAPPENING
from orders.listing import history_of
from orders.models import OrderId, Status
from orders.problems import ORDER_NOT_FOUND, no_such_order

router = APIRouter(tags=["orders"])


class HistoryEntry(BaseModel):
    """Something that was done to an order. `caller` is the name of the client that did it, if it gave one."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, **example(HAPPENING))

    command: str
    caller: str | None
    from_version: int | None
    to_version: int
    status: Status
    reason: str | None
    happened_at: StoredTime


@router.get(
    "/orders/{order_id}/history",
    response_model=pages.Page[HistoryEntry],
    summary="Get the history of an order",
    responses={**NOT_MODIFIED, **problems(ORDER_NOT_FOUND)},
)
async def get_history(order_id: OrderId, database: Db, wanted: pages.RequestedPage) -> Response:
    """Oldest first. The ETag is the order's, so `If-None-Match` checks for new entries."""
    after, plan = wanted.after(), history_of(str(order_id))
    async with database.reading() as connection:
        order = await repository.find_order(connection, order_id)
        if order is None:
            raise no_such_order(order_id)
        rows = await plan.read(connection, after, wanted.limit + 1)
    return wanted.answer(rows, plan.key, HistoryEntry.model_validate, tag=etag(order["version"]))
