"""Routes of restock requests. The writes of a route are in its function `work`."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from chassis.databases.mysql import Connection, Database
from chassis.openapi.responses import NOT_MODIFIED, problems
from chassis.rest import pages
from chassis.rest.dependencies import Db, IfMatchWhenSent, IfNoneMatch
from chassis.rest.etags import check_if_match_when_sent
from chassis.rest.idempotency import Once, Post
from chassis.rest.responses import WriteResponse, created_response, unless_unchanged, write_response
from contracts.inventory.restocks import RestockRequestRow
from contracts.stores import stock_id
from inventory import availability_rows
from inventory.problems import (
    RESTOCK_NOT_ALLOWED,
    RESTOCK_REQUEST_NOT_FOUND,
    RESTOCK_REQUEST_OPEN,
    UNKNOWN_STOCK,
    no_such_restock_request,
    restock_not_allowed,
    restock_request_open,
    unknown_stock,
)
from inventory.restocking import moving, repository
from inventory.restocking.listing import RequestQuery
from inventory.restocking.models import NewRestockRequest, RequestId, RestockRequest
from inventory.restocking.rules import Command, NotAllowed, requested
from inventory.times import aware_now

router = APIRouter(tags=["restock requests"])

_COMMAND_PROBLEMS = problems(RESTOCK_REQUEST_NOT_FOUND, RESTOCK_NOT_ALLOWED)


@router.post(
    "/restock-requests",
    status_code=201,
    response_model=RestockRequest,
    summary="Request units of a supplier",
    responses=problems(RESTOCK_REQUEST_OPEN, UNKNOWN_STOCK),
)
async def make_restock_request(new: NewRestockRequest, database: Db, once: Once) -> Response:
    """A stock has one open request. One is made by itself once the stock is at or below its `reorderAt`."""
    key = stock_id(new.store_id, new.sku)

    async def work(tx: Connection) -> WriteResponse:
        if not await availability_rows.lock(tx, [key]):
            raise unknown_stock(new.store_id, new.sku)
        if await repository.stocks_with_open_request(tx, [key]):
            raise restock_request_open(new.store_id, new.sku)
        row = requested(uuid7(), key, new.store_id, new.sku, new.quantity, aware_now())
        repository.insert_later(tx, [row])
        answer = _shown(row)
        return created_response("restock", answer.id, answer, f"/restock-requests/{answer.id}")

    return await once.once(database, work)


@router.get(
    "/restock-requests",
    response_model=pages.Page[RestockRequest],
    summary="List restock requests",
    responses=NOT_MODIFIED,
)
async def list_restock_requests(database: Db, plan: RequestQuery, wanted: pages.RequestedPage) -> Response:
    """The newest first."""
    after = wanted.after()
    async with database.reading() as connection:
        found = await plan.read(connection, after, wanted.limit + 1)
    return wanted.answer(found, plan.key, RestockRequest.model_validate)


@router.get(
    "/restock-requests/{request_id}",
    response_model=RestockRequest,
    summary="Get a restock request",
    responses={**NOT_MODIFIED, **problems(RESTOCK_REQUEST_NOT_FOUND)},
)
async def get_restock_request(
    request_id: RequestId, database: Db, response: Response, if_none_match: IfNoneMatch = None
) -> RestockRequest | Response:
    """With `If-None-Match`, 304 if the client has the current version."""
    async with database.reading() as connection:
        row = await repository.find_request(connection, request_id)
    if row is None:
        raise no_such_restock_request(request_id)
    return unless_unchanged(response, _shown(row), if_none_match)


@router.post(
    "/restock-requests/{request_id}/manufacture",
    response_model=RestockRequest,
    summary="Note that a supplier makes the units",
    responses=_COMMAND_PROBLEMS,
)
async def manufacture_restock(
    request_id: RequestId, database: Db, once: Once, if_match: IfMatchWhenSent = None
) -> Response:
    """With `If-Match`, only if the request has that version."""
    return await _move(request_id, Command.MANUFACTURE, database, once, if_match)


@router.post(
    "/restock-requests/{request_id}/complete",
    response_model=RestockRequest,
    summary="Send the units to the store",
    responses=_COMMAND_PROBLEMS,
)
async def complete_restock(
    request_id: RequestId, database: Db, once: Once, if_match: IfMatchWhenSent = None
) -> Response:
    """They are incoming until the store has booked them. With `If-Match`, only if the request has that version."""
    return await _move(request_id, Command.COMPLETE, database, once, if_match)


@router.post(
    "/restock-requests/{request_id}/cancel",
    response_model=RestockRequest,
    summary="Cancel a restock request",
    responses=_COMMAND_PROBLEMS,
)
async def cancel_restock(request_id: RequestId, database: Db, once: Once, if_match: IfMatchWhenSent = None) -> Response:
    """Possible until it is completed. With `If-Match`, only if the request has that version."""
    return await _move(request_id, Command.CANCEL, database, once, if_match)


async def _move(request_id: UUID, command: Command, database: Database, once: Post, if_match: str | None) -> Response:
    async def work(tx: Connection) -> WriteResponse:
        row, levels = await moving.locked(tx, request_id)
        if row is None:
            raise no_such_restock_request(request_id)
        check_if_match_when_sent(if_match, row.version)
        try:
            moved = await moving.move(tx, row, command, levels, aware_now())
        except NotAllowed as error:
            raise restock_not_allowed(error) from error
        return write_response("restock", request_id, _shown(moved))

    return await once.once(database, work)


def _shown(row: RestockRequestRow) -> RestockRequest:
    return RestockRequest(
        id=row.restock_request_id,
        **{name: getattr(row, name) for name in RestockRequest.model_fields if name != "id"},
    )
