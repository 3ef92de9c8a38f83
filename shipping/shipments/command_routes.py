"""Routes of the commands on a shipment. Its status changes only by them, by its order, and by what carriers report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response

from chassis.databases.mysql import Connection, Database
from chassis.http.errors.problem_types import ERASED
from chassis.openapi.responses import problems
from chassis.rest.dependencies import Db, IfMatchWhenSent
from chassis.rest.idempotency import Once, Post
from chassis.rest.responses import WriteResponse, write_response
from shipping.problems import BUSINESS_RULE, SHIPMENT_NOT_FOUND
from shipping.shipments import models
from shipping.shipments.commands import Decide, check_units, command, locked, with_recipient
from shipping.shipments.decisions import delivering, packing
from shipping.shipments.models import Shipment, ShipmentId
from shipping.shipments.representation import shipment_of
from shipping.shipments.state import Shipment as State

router = APIRouter(tags=["commands"])

_PROBLEMS = problems(SHIPMENT_NOT_FOUND, BUSINESS_RULE, ERASED)


@router.post("/shipments/{shipment_id}/pack", response_model=Shipment, summary="Pack a shipment", responses=_PROBLEMS)
async def pack_shipment(
    shipment_id: ShipmentId, packing_: models.Packing, database: Db, once: Once, if_match: IfMatchWhenSent = None
) -> Response:
    """Into parcels, which are numbered from 1."""
    weights = [each.weight for each in packing_.parcels]
    return await _run(shipment_id, lambda it, at: packing.pack(it, weights, at), database, once, if_match)


@router.post(
    "/shipments/{shipment_id}/dispatch", response_model=Shipment, summary="Dispatch a shipment", responses=_PROBLEMS
)
async def dispatch_shipment(
    shipment_id: ShipmentId,
    database: Db,
    once: Once,
    body: models.Dispatch | None = None,
    if_match: IfMatchWhenSent = None,
) -> Response:
    """It has left its location; one that failed begins its next attempt. Its order follows."""
    body = body or models.Dispatch()
    return await _run(
        shipment_id,
        lambda it, at: delivering.dispatch(it, body.carrier, at),
        database,
        once,
        if_match,
        body.at,
        check=check_units,
    )


@router.post(
    "/shipments/{shipment_id}/deliver", response_model=Shipment, summary="Deliver a shipment", responses=_PROBLEMS
)
async def deliver_shipment(
    shipment_id: ShipmentId,
    database: Db,
    once: Once,
    body: models.Delivery | None = None,
    if_match: IfMatchWhenSent = None,
) -> Response:
    """The recipient has it."""
    body = body or models.Delivery()
    return await _run(shipment_id, delivering.deliver, database, once, if_match, body.at, body.received_by)


@router.post(
    "/shipments/{shipment_id}/fail", response_model=Shipment, summary="Note a failed delivery", responses=_PROBLEMS
)
async def fail_shipment(
    shipment_id: ShipmentId, body: models.Failure, database: Db, once: Once, if_match: IfMatchWhenSent = None
) -> Response:
    """An attempt to deliver it failed: it is dispatched again, recalled, or returned."""
    return await _run(
        shipment_id, lambda it, at: delivering.fail(it, body.reason, at), database, once, if_match, body.at
    )


@router.post(
    "/shipments/{shipment_id}/return", response_model=Shipment, summary="Take a shipment back", responses=_PROBLEMS
)
async def return_shipment(
    shipment_id: ShipmentId,
    database: Db,
    once: Once,
    body: models.Return | None = None,
    if_match: IfMatchWhenSent = None,
) -> Response:
    """One that failed or was recalled is back at its location."""
    body = body or models.Return()
    return await _run(
        shipment_id, lambda it, at: delivering.return_to_sender(it, body.reason, at), database, once, if_match, body.at
    )


@router.post(
    "/shipments/{shipment_id}/recall", response_model=Shipment, summary="Recall a shipment", responses=_PROBLEMS
)
async def recall_shipment(
    shipment_id: ShipmentId, body: models.Reason, database: Db, once: Once, if_match: IfMatchWhenSent = None
) -> Response:
    """Asks for the return of one that is on its way."""
    return await _run(shipment_id, lambda it, at: delivering.recall(it, body.reason, at), database, once, if_match)


@router.post(
    "/shipments/{shipment_id}/cancel", response_model=Shipment, summary="Cancel a shipment", responses=_PROBLEMS
)
async def cancel_shipment(
    shipment_id: ShipmentId, body: models.Reason, database: Db, once: Once, if_match: IfMatchWhenSent = None
) -> Response:
    """Possible until it leaves its location. Its units get another shipment only by `POST /shipments`."""
    return await _run(shipment_id, lambda it, at: delivering.cancel(it, body.reason, at), database, once, if_match)


async def _run(
    shipment_id: UUID,
    decide: Decide,
    database: Database,
    once: Post,
    if_match: str | None,
    at: datetime | None = None,
    received_by: str | None = None,
    check: Callable[[Connection, State], Awaitable[None]] | None = None,
) -> Response:
    async def work(tx: Connection) -> WriteResponse:
        before = await locked(tx, shipment_id, if_match)
        if check is not None:
            await check(tx, before.state)
        personal = with_recipient(before.personal, received_by) if received_by is not None else None
        after, moment = await command(tx, before, decide, once.caller, at, personal)
        answer = shipment_of(after.row(moment))
        return write_response("shipment", shipment_id, answer, about=answer.customer_id)

    return await once.once(database, work)
