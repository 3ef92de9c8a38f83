"""Routes of the commands on deliveries. What happens to a delivery happens to its shipment, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date as Date
from datetime import datetime
from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.databases.mysql import Connection, Database, transact
from chassis.http.clients import caller
from chassis.http.errors.problem_types import ERASED
from chassis.openapi.responses import problems
from chassis.rest.dependencies import Db, IfMatchWhenSent
from chassis.rest.etags import consistency_token
from chassis.rest.idempotency import Once, Post
from chassis.rest.responses import WriteResponse, created_response, write_response
from shipping.days import models, planning, repository
from shipping.days.commands import on_day, schedule
from shipping.days.models import DayDate, NewDelivery
from shipping.days.planning import Wish
from shipping.days.state import Day
from shipping.days.values import DayKey, Window
from shipping.depots import repository as depots
from shipping.depots.models import DepotId
from shipping.events.streams import Cause
from shipping.problems import (
    BUSINESS_RULE,
    DELIVERY_NOT_FOUND,
    DEPOT_NOT_FOUND,
    SHIPMENT_NOT_FOUND,
    no_such_delivery,
    no_such_depot,
)
from shipping.shipments.commands import Decide, check_units, command, locked, with_recipient
from shipping.shipments.decisions import delivering
from shipping.shipments.decisions.rules import Violation
from shipping.shipments.models import Delivery, Failure, Shipment, ShipmentId
from shipping.shipments.repository import Stored
from shipping.shipments.representation import shipment_of
from shipping.times import now

router = APIRouter(tags=["delivery days"])

_DELIVERY = "/delivery-days/{depot}/{date}/deliveries/{shipment_id}"
_PROBLEMS = problems(DELIVERY_NOT_FOUND, SHIPMENT_NOT_FOUND, BUSINESS_RULE, ERASED)

Prevents = Callable[[Day, UUID], Sequence[Violation]]


@router.post(
    "/delivery-days/{depot}/{date}/deliveries",
    status_code=201,
    response_model=Shipment,
    summary="Plan a delivery",
    responses=problems(DEPOT_NOT_FOUND, SHIPMENT_NOT_FOUND, BUSINESS_RULE, ERASED),
)
async def plan_delivery(
    depot: DepotId, date: DayDate, new: NewDelivery, database: Db, once: Once, if_match: IfMatchWhenSent = None
) -> Response:
    """A van brings the shipment in a window of this day. Returns the shipment; `If-Match` takes its ETag."""
    key, shipment_id = DayKey(depot, date), new.shipment_id
    wish = Wish(new.van, Window(new.from_, new.to))
    async with database.reading() as connection:
        if await depots.find(connection, depot) is None:
            raise no_such_depot(depot)
        await repository.prepare(connection, key)

    async def work(tx: Connection) -> WriteResponse:
        before = await locked(tx, shipment_id, if_match, day=key)
        found = await depots.find(tx, depot)
        if found is None:
            raise no_such_depot(depot)
        settings, moment = depots.settings_of(found), now()
        after = await schedule(tx, before, key, settings, wish, Cause(once.caller), moment)
        answer = shipment_of(after.row(moment))
        location = f"/shipments/{shipment_id}"
        return created_response("shipment", shipment_id, answer, location, about=answer.customer_id)

    return await once.once(database, work)


@router.delete(
    _DELIVERY,
    status_code=204,
    summary="Remove a delivery",
    responses=problems(DELIVERY_NOT_FOUND, SHIPMENT_NOT_FOUND, BUSINESS_RULE),
)
async def remove_delivery(
    depot: DepotId,
    date: DayDate,
    shipment_id: ShipmentId,
    database: Db,
    request: Request,
    if_match: IfMatchWhenSent = None,
) -> Response:
    """One that has not started. The shipment can be planned again."""
    who = await caller(request)

    async def work(tx: Connection) -> Response:
        before, day = await _on_this_day(tx, DayKey(depot, date), shipment_id, if_match)
        after, _ = await command(tx, before, lambda it, at: planning.unschedule(day, it.shipment_id, at), who)
        await tx.commit()
        token = consistency_token("shipment", shipment_id, after.version)
        return Response(status_code=204, headers={"Consistency-Token": token})

    return await transact(database, work)


@router.post(f"{_DELIVERY}/start", response_model=Shipment, summary="Start a delivery", responses=_PROBLEMS)
async def start_delivery(
    depot: DepotId,
    date: DayDate,
    shipment_id: ShipmentId,
    database: Db,
    once: Once,
    body: models.Start | None = None,
    if_match: IfMatchWhenSent = None,
) -> Response:
    """The van has left: the shipment, which is packed or failed before, is dispatched. Its order follows."""
    at = body.at if body else None
    prepared = partial(_run, depot, date, shipment_id, database, once, if_match, at=at, checks_units=True)
    return await prepared(planning.can_start, lambda it, at: delivering.dispatch(it, None, at))


@router.post(f"{_DELIVERY}/finish", response_model=Shipment, summary="Finish a delivery", responses=_PROBLEMS)
async def finish_delivery(
    depot: DepotId,
    date: DayDate,
    shipment_id: ShipmentId,
    database: Db,
    once: Once,
    body: Delivery | None = None,
    if_match: IfMatchWhenSent = None,
) -> Response:
    """The recipient has the shipment."""
    body = body or Delivery()
    prepared = partial(_run, depot, date, shipment_id, database, once, if_match, at=body.at)
    return await prepared(planning.can_finish, delivering.deliver, received_by=body.received_by)


@router.post(f"{_DELIVERY}/fail", response_model=Shipment, summary="Note a failed attempt", responses=_PROBLEMS)
async def fail_delivery(
    depot: DepotId,
    date: DayDate,
    shipment_id: ShipmentId,
    body: Failure,
    database: Db,
    once: Once,
    if_match: IfMatchWhenSent = None,
) -> Response:
    """The shipment was not delivered. It can be planned again, also on this day."""
    prepared = partial(_run, depot, date, shipment_id, database, once, if_match, at=body.at)
    return await prepared(planning.can_finish, lambda it, at: delivering.fail(it, body.reason, at))


async def _run(
    depot: str,
    date: Date,
    shipment_id: UUID,
    database: Database,
    once: Post,
    if_match: str | None,
    prevents: Prevents,
    decide: Decide,
    *,
    at: datetime | None = None,
    received_by: str | None = None,
    checks_units: bool = False,
) -> Response:
    async def work(tx: Connection) -> WriteResponse:
        before, day = await _on_this_day(tx, DayKey(depot, date), shipment_id, if_match)
        if checks_units:
            await check_units(tx, before.state)
        decision = on_day(day, lambda it: prevents(it, shipment_id), decide)
        personal = with_recipient(before.personal, received_by) if received_by is not None else None
        after, moment = await command(tx, before, decision, once.caller, at, personal)
        answer = shipment_of(after.row(moment))
        return write_response("shipment", shipment_id, answer, about=answer.customer_id)

    return await once.once(database, work)


async def _on_this_day(tx: Connection, key: DayKey, shipment_id: UUID, if_match: str | None) -> tuple[Stored, Day]:
    """The locked shipment, and the day with its last delivery. Raises the 404 if that is on another day."""
    before = await locked(tx, shipment_id, if_match)
    day = before.day.state if before.day else await repository.find(tx, key)
    if day.key != key or day.delivery_of(shipment_id) is None:
        raise no_such_delivery(shipment_id)
    return before, day
