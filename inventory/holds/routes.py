"""Routes of reservations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from chassis.databases.mysql import Connection, Database, GuardFailed, Row, transact
from chassis.openapi.responses import NOT_MODIFIED, problems
from chassis.rest.dependencies import Db, IfNoneMatch
from chassis.rest.idempotency import KeyedOnce, Once
from chassis.rest.responses import WriteResponse, created_response, unless_unchanged, write_response
from inventory.dependencies import Known
from inventory.holds import repository
from inventory.holds.deciding import Decision, Wish
from inventory.holds.ending import may_end
from inventory.holds.models import Extension, HoldStatus, NewReservation, Reservation, ReservationId
from inventory.holds.repository import NewHold
from inventory.models import WantedLine
from inventory.problems import (
    INSUFFICIENT_STOCK,
    RESERVATION_NOT_FOUND,
    RESERVATION_NOT_HELD,
    UNKNOWN_SKU,
    no_such_reservation,
    not_held,
)
from inventory.rules import Part
from inventory.times import now

router = APIRouter(tags=["reservations"])


@router.post(
    "/reservations",
    status_code=201,
    response_model=Reservation,
    summary="Reserve units for a cart",
    responses=problems(INSUFFICIENT_STOCK, UNKNOWN_SKU),
)
async def reserve(new: NewReservation, database: Db, known: Known, once: KeyedOnce) -> Response:
    """All lines, or none. Requires an `Idempotency-Key`: a retry does not reserve twice."""
    country = new.destination.country if new.destination else None
    decision = Decision(Wish(new.lines, new.store_id, country), await known.get())

    async def work(tx: Connection) -> WriteResponse:
        hold = _new_hold(new, decision.plan.parts, once.caller)
        repository.insert_hold(tx, hold)
        answer = _reservation_of_new(hold)
        return created_response("reservation", answer.id, answer, f"/reservations/{answer.id}")

    return await once.once(database, work, decision.run)


@router.get(
    "/reservations/{reservation_id}",
    response_model=Reservation,
    summary="Get a reservation",
    responses={**NOT_MODIFIED, **problems(RESERVATION_NOT_FOUND)},
)
async def get_reservation(
    reservation_id: ReservationId, database: Db, response: Response, if_none_match: IfNoneMatch = None
) -> Reservation | Response:
    """It is shown as expired from `expiresAt` on. With `If-None-Match`, 304 if the client has the current version."""
    async with database.reading() as connection:
        row = await _found(connection, reservation_id)
    return unless_unchanged(response, _reservation_of(row), if_none_match)


@router.post(
    "/reservations/{reservation_id}/extend",
    response_model=Reservation,
    summary="Extend a reservation",
    responses=problems(RESERVATION_NOT_FOUND, RESERVATION_NOT_HELD),
)
async def extend_reservation(reservation_id: ReservationId, extension: Extension, database: Db, once: Once) -> Response:
    """It ends `expiresInS` from now. Only one that is held can be extended."""

    async def work(tx: Connection) -> WriteResponse:
        row, moment = await _found(tx, reservation_id), now()
        status = _status(row, moment)
        if status != HoldStatus.HELD:
            raise not_held(status)
        expires_at = moment + timedelta(seconds=extension.expires_in_s)
        repository.extend_hold(tx, row, expires_at, moment)
        changed = _changed(row, moment, expires_at=expires_at)
        return write_response("reservation", reservation_id, changed)

    return await once.once(database, work, _until_unchanged)


@router.post(
    "/reservations/{reservation_id}/release",
    response_model=Reservation,
    summary="Release a reservation",
    responses=problems(RESERVATION_NOT_FOUND, RESERVATION_NOT_HELD),
)
async def release_reservation(reservation_id: ReservationId, database: Db, once: Once) -> Response:
    """Its units are free again. To release it twice has the same answer and no effect; so has one that has expired."""

    async def work(tx: Connection) -> WriteResponse:
        row, moment = await _found(tx, reservation_id), now()
        if row["status"] == HoldStatus.ORDERED:
            raise not_held(row["status"])
        if not may_end(row, HoldStatus.RELEASED, moment):
            return write_response("reservation", reservation_id, _reservation_of(row))
        status = HoldStatus(_status(row, moment))
        status = HoldStatus.RELEASED if status == HoldStatus.HELD else status
        repository.end_hold(tx, row, await repository.held_units(tx, reservation_id), status, moment)
        return write_response("reservation", reservation_id, _changed(row, moment, status=status.value))

    return await once.once(database, work, _until_unchanged)


async def _until_unchanged(database: Database, work: Any) -> Any:
    """Run `work` in a transaction, again if the reservation was changed since it was read."""
    while True:
        try:
            return await transact(database, work)
        except GuardFailed:
            continue


async def _found(connection: Connection, reservation_id: UUID) -> Row:
    row = await repository.find_hold(connection, reservation_id)
    if row is None:
        raise no_such_reservation(reservation_id)
    return row


def _new_hold(new: NewReservation, parts: Sequence[Part], caller: str | None) -> NewHold:
    moment = now()
    shown = [_shown(line, [part for part in parts if part.line_id == number]) for number, line in enumerate(new.lines)]
    return NewHold(uuid7(), caller, shown, parts, moment + timedelta(seconds=new.expires_in_s), moment)


def _shown(line: WantedLine, parts: Sequence[Part]) -> dict[str, Any]:
    given = [{"storeId": part.store_id, "quantity": part.quantity} for part in parts]
    return {"sku": line.sku, "quantity": line.quantity, "parts": given}


def _reservation_of_new(hold: NewHold) -> Reservation:
    return Reservation(
        id=hold.hold_id, status=HoldStatus.HELD, order_id=None, lines=hold.lines, expires_at=hold.expires_at,
        created_at=hold.created_at, updated_at=hold.created_at, version=1,
    )  # fmt: skip


def _reservation_of(row: Row) -> Reservation:
    shown = {**row, "status": _status(row, now()), "lines": orjson.loads(row["requested"])}
    return Reservation.model_validate(shown)


def _changed(row: Row, moment: datetime, **changes: Any) -> Reservation:
    return _reservation_of({**row, **changes, "updated_at": moment, "version": row["version"] + 1})


def _status(row: Row, moment: datetime) -> str:
    """The status; `expired` from that time on, whenever the row is updated."""
    is_over = row["status"] == HoldStatus.HELD and row["expires_at"] <= moment
    return HoldStatus.EXPIRED.value if is_over else str(row["status"])
