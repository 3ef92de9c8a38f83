"""Routes of the commands on returns. The status of a return changes only by them, and by a shipment that comes back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from chassis.databases.mysql import Connection, Database
from chassis.openapi.responses import problems
from chassis.rest.dependencies import Db, IfMatchWhenSent
from chassis.rest.idempotency import KeyedOnce, Once, Post
from chassis.rest.responses import WriteResponse, created_response, write_response
from shipping.problems import BUSINESS_RULE, ORDER_NOT_FOUND, RETURN_NOT_FOUND, no_such_return
from shipping.replica import repository as replica
from shipping.returns import models, repository
from shipping.returns.commands import Decide, approve_return, command, locked, open_return, receive_return
from shipping.returns.decisions import refunding, requesting
from shipping.returns.models import Return, ReturnId
from shipping.returns.repository import Stored
from shipping.returns.representation import return_of
from shipping.returns.values import ReceivedLine, ReturnedUnits

router = APIRouter(tags=["returns"])

_PROBLEMS = problems(RETURN_NOT_FOUND, BUSINESS_RULE)


@router.post(
    "/returns",
    status_code=201,
    response_model=Return,
    summary="Request a return",
    responses=problems(ORDER_NOT_FOUND, BUSINESS_RULE),
)
async def request_return(new: models.NewReturn, database: Db, once: KeyedOnce) -> Response:
    """Of delivered units that are in no other return. Requires an `Idempotency-Key`: a retry does not ask twice."""
    units = [
        ReturnedUnits(order_line_id=each.order_line_id, quantity=each.quantity, reason=each.reason)
        for each in new.lines
    ]

    async def work(tx: Connection) -> WriteResponse:
        return_id = uuid7()
        after, moment = await open_return(tx, return_id, new.order_id, units, once.caller)
        answer = return_of(after.row(moment))
        return created_response("return", return_id, answer, f"/returns/{return_id}")

    return await once.once(database, work)


@router.post("/returns/{return_id}/authorise", response_model=Return, summary="Authorise a return", responses=_PROBLEMS)
async def authorise_return(return_id: ReturnId, database: Db, once: Once, if_match: IfMatchWhenSent = None) -> Response:
    """The customer may send the units, under the return's RMA number."""
    number = requesting.rma_number_of(return_id)
    return await _decide(return_id, lambda it, at: requesting.authorise(it, number, at), database, once, if_match)


@router.post("/returns/{return_id}/refuse", response_model=Return, summary="Refuse a return", responses=_PROBLEMS)
async def refuse_return(
    return_id: ReturnId, body: models.Refusal, database: Db, once: Once, if_match: IfMatchWhenSent = None
) -> Response:
    """The customer keeps the units, which can be requested again."""
    return await _decide(return_id, lambda it, at: requesting.refuse(it, body.reason, at), database, once, if_match)


@router.post("/returns/{return_id}/cancel", response_model=Return, summary="Cancel a return", responses=_PROBLEMS)
async def cancel_return(
    return_id: ReturnId, body: models.Refusal, database: Db, once: Once, if_match: IfMatchWhenSent = None
) -> Response:
    """Possible until units came back; they can be requested again."""
    return await _decide(return_id, lambda it, at: requesting.cancel(it, body.reason, at), database, once, if_match)


@router.post("/returns/{return_id}/receive", response_model=Return, summary="Receive a return", responses=_PROBLEMS)
async def receive_units(
    return_id: ReturnId, body: models.Receipt, database: Db, once: Once, if_match: IfMatchWhenSent = None
) -> Response:
    """Once, what came back; the other units can be requested again. The location gets the sellable units back."""
    came = [
        ReceivedLine(order_line_id=each.order_line_id, sellable=each.sellable, damaged=each.damaged)
        for each in body.lines
    ]

    async def work(tx: Connection) -> tuple[Stored, datetime]:
        before = await locked(tx, return_id, if_match)
        return await receive_return(tx, before, came, body.location, once.caller)

    return await _run(return_id, work, database, once)


@router.post(
    "/returns/{return_id}/approve-refund", response_model=Return, summary="Approve a refund", responses=_PROBLEMS
)
async def approve_refund(
    return_id: ReturnId,
    database: Db,
    once: Once,
    body: models.Approval | None = None,
    if_match: IfMatchWhenSent = None,
) -> Response:
    """For the units that came back, by default all that was paid for them; never more.

    The shipping charge is refunded as far as `freight` says, and other refunds of the order left it.
    """
    body = body or models.Approval()
    amounts, freight = [(each.order_line_id, each.amount) for each in body.lines], body.freight
    async with database.reading() as connection:
        row = await repository.find_row(connection, return_id)
    if row is None:
        raise no_such_return(return_id)
    order_id = UUID(row["order_id"])

    async def work(tx: Connection) -> tuple[Stored, datetime]:
        order = (await replica.lock_orders(tx, [order_id])).get(order_id)
        before = await locked(tx, return_id, if_match)
        return await approve_return(tx, order, before, amounts, freight, once.caller)

    return await _run(return_id, work, database, once)


@router.post("/returns/{return_id}/refund", response_model=Return, summary="Note a paid refund", responses=_PROBLEMS)
async def note_refund(
    return_id: ReturnId, body: models.Payment, database: Db, once: Once, if_match: IfMatchWhenSent = None
) -> Response:
    """The approved refund was paid."""
    return await _decide(return_id, lambda it, at: refunding.refund(it, body.reference, at), database, once, if_match)


async def _decide(return_id: UUID, decide: Decide, database: Database, once: Post, if_match: str | None) -> Response:
    async def work(tx: Connection) -> tuple[Stored, datetime]:
        return command(tx, await locked(tx, return_id, if_match), decide, once.caller)

    return await _run(return_id, work, database, once)


async def _run(
    return_id: UUID,
    work: Callable[[Connection], Awaitable[tuple[Stored, datetime]]],
    database: Database,
    once: Post,
) -> Response:
    async def write(tx: Connection) -> WriteResponse:
        after, moment = await work(tx)
        return write_response("return", return_id, return_of(after.row(moment)))

    return await once.once(database, write)
