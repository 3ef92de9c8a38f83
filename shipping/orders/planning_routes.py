"""Routes that make shipments, of an order or by splitting one, and that give parcels their tracking numbers."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Request, Response
from uuid_utils.compat import uuid7

from chassis.databases.mysql import Connection, transact
from chassis.http.clients import caller
from chassis.http.errors.problem_types import ERASED
from chassis.openapi.headers import UNVERSIONED
from chassis.openapi.responses import problems
from chassis.rest.dependencies import Db, IfMatch, IfMatchWhenSent
from chassis.rest.etags import check_if_match
from chassis.rest.idempotency import KeyedOnce, Once
from chassis.rest.responses import WriteResponse, created_response, write_response
from contracts.shipping import ShipmentRow
from shipping.events.streams import Cause
from shipping.orders import settling
from shipping.orders.due import NotReady, plan
from shipping.problems import (
    BUSINESS_RULE,
    ORDER_NOT_FOUND,
    ORDER_NOT_READY,
    SHIPMENT_NOT_FOUND,
    TRACKING_NUMBER_TAKEN,
    no_such_order,
    no_such_shipment,
    not_ready,
)
from shipping.replica import repository as replica
from shipping.settings import LOCATION
from shipping.shipments import models, repository
from shipping.shipments.commands import locked
from shipping.shipments.decisions.planning import split
from shipping.shipments.models import ParcelId, Shipment, ShipmentId, Shipments
from shipping.shipments.representation import shipment_of
from shipping.shipments.tracked_parcels import give_number
from shipping.shipments.values import Units
from shipping.times import now

router = APIRouter(tags=["shipments"])


@router.post(
    "/shipments",
    response_model=Shipments,
    summary="Plan the shipments of an order",
    openapi_extra={UNVERSIONED: True},
    responses=problems(ORDER_NOT_FOUND, ORDER_NOT_READY, BUSINESS_RULE, ERASED),
)
async def plan_shipments(new: models.NewShipments, database: Db, once: Once) -> Response:
    """Of units that are in no shipment, or in a cancelled one. Returns all shipments of the order.

    Confirmed orders are planned by themselves, but not imported ones, nor those that were confirmed before shipping's
    first start.
    """

    async def work(tx: Connection) -> WriteResponse:
        orders = await replica.lock_orders(tx, [new.order_id])
        if new.order_id not in orders:
            raise no_such_order(new.order_id)
        [(facts, known)] = await settling.read_facts(tx, list(orders.values()))
        moment = now()
        try:
            changes = plan(facts, LOCATION, moment, replaces_cancelled=True)
        except NotReady as error:
            raise not_ready(new.order_id, str(error)) from error
        settling.write_later(tx, facts, known, changes, Cause(once.caller), moment)
        replica.note_request_later(tx, new.order_id)
        rows = await repository.find_rows_of(tx, [*known, *changes])
        return WriteResponse(200, {}, _all(rows), facts.order.customer_id)

    return await once.once(database, work)


@router.post(
    "/shipments/{shipment_id}/split",
    status_code=201,
    response_model=Shipment,
    summary="Split a shipment",
    responses=problems(SHIPMENT_NOT_FOUND, ORDER_NOT_FOUND, BUSINESS_RULE, ERASED),
)
async def split_shipment(
    shipment_id: ShipmentId, body: models.Split, database: Db, once: KeyedOnce, if_match: IfMatchWhenSent = None
) -> Response:
    """Units move to a new shipment, which is returned. Requires an `Idempotency-Key`: a retry does not split twice."""
    async with database.reading() as connection:
        order_id = await repository.find_order_id(connection, shipment_id)
    if order_id is None:
        raise no_such_shipment(shipment_id)
    units = [Units(order_line_id=each.order_line_id, quantity=each.quantity) for each in body.lines]

    async def work(tx: Connection) -> WriteResponse:
        order = (await replica.lock_orders(tx, [order_id])).get(order_id)
        if order is None:
            raise no_such_order(order_id)
        before, new_id, moment = await locked(tx, shipment_id, if_match), uuid7(), now()
        parts = split(before.state, units, new_id, moment)
        cause = Cause(once.caller)
        repository.append_later(tx, before, parts.source, cause, moment)
        new = repository.plan_later(tx, new_id, parts.new, cause, moment)
        replica.write_shipments_later(tx, order_id, [*order.shipment_ids, new_id])
        answer = shipment_of(new.row(moment))
        return created_response("shipment", new_id, answer, f"/shipments/{new_id}", about=answer.customer_id)

    return await once.once(database, work)


@router.put(
    "/shipments/{shipment_id}/parcels/{parcel_id}",
    response_model=Shipment,
    summary="Give a parcel its tracking number",
    responses=problems(SHIPMENT_NOT_FOUND, BUSINESS_RULE, TRACKING_NUMBER_TAKEN),
)
async def track_parcel(
    shipment_id: ShipmentId,
    parcel_id: ParcelId,
    body: models.TrackedParcel,
    database: Db,
    request: Request,
    if_match: IfMatch = None,
) -> Response:
    """Before or after dispatch, or another one. What the carrier reported of this number before is recorded now."""
    who = await caller(request)

    async def work(tx: Connection) -> WriteResponse:
        before = await locked(tx, shipment_id, if_match, check=check_if_match)
        after, moment = await give_number(tx, before, parcel_id, body.carrier, body.tracking_number, who)
        if moment is None:
            [row] = await repository.find_rows_of(tx, [shipment_id])
        else:
            row = after.row(moment)
        answer = write_response("shipment", shipment_id, shipment_of(row))
        await tx.commit()
        return answer

    return (await transact(database, work)).response()


def _all(rows: Iterable[ShipmentRow]) -> bytes:
    return Shipments(items=[shipment_of(row) for row in rows]).model_dump_json(by_alias=True).encode()
