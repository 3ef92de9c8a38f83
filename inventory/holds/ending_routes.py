"""Routes that extend and release reservations. The writes of a route are in its function `work`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from fastapi import APIRouter, Response

from chassis.databases.mysql import Connection, Database, GuardFailed, transact
from chassis.openapi.responses import problems
from chassis.rest.dependencies import Db
from chassis.rest.idempotency import Once
from chassis.rest.responses import WriteResponse, write_response
from inventory.holds import ending
from inventory.holds.models import Extension, Reservation, ReservationId
from inventory.holds.representation import changed_reservation, found, reservation_of, status_of
from inventory.problems import RESERVATION_NOT_FOUND, RESERVATION_NOT_HELD, not_held
from inventory.reservations import HoldStatus
from inventory.times import now

router = APIRouter(tags=["reservations"])

Result = TypeVar("Result")


@router.post(
    "/reservations/{reservation_id}/extend",
    response_model=Reservation,
    summary="Extend a reservation",
    responses=problems(RESERVATION_NOT_FOUND, RESERVATION_NOT_HELD),
)
async def extend_reservation(reservation_id: ReservationId, extension: Extension, database: Db, once: Once) -> Response:
    """It ends `expiresInS` from now. Only one that is held can be extended."""

    async def work(tx: Connection) -> WriteResponse:
        row, moment = await found(tx, reservation_id), now()
        status = status_of(row, moment)
        if status != HoldStatus.HELD:
            raise not_held(status)
        expires_at = moment + timedelta(seconds=extension.expires_in_s)
        ending.extend_hold(tx, row, expires_at, moment)
        return write_response("reservation", reservation_id, changed_reservation(row, moment, expires_at=expires_at))

    return await once.once(database, work, _until_unchanged)


@router.post(
    "/reservations/{reservation_id}/release",
    response_model=Reservation,
    summary="Release a reservation",
    responses=problems(RESERVATION_NOT_FOUND, RESERVATION_NOT_HELD),
)
async def release_reservation(reservation_id: ReservationId, database: Db, once: Once) -> Response:
    """Its units are free again. Releasing it twice has the same answer and no effect; so has one that has expired."""

    async def work(tx: Connection) -> WriteResponse:
        await found(tx, reservation_id)  # to lock one that does not exist would lock a gap, and new ones would wait
        row, moment = await found(tx, reservation_id, lock=True), now()
        if row["status"] == HoldStatus.ORDERED:
            raise not_held(row["status"])
        if row["status"] != HoldStatus.HELD:
            return write_response("reservation", reservation_id, reservation_of(row))
        is_expired = status_of(row, moment) == HoldStatus.EXPIRED
        status = HoldStatus.EXPIRED if is_expired else HoldStatus.RELEASED
        await ending.end_hold(tx, row, await ending.held_units(tx, reservation_id), status, moment)
        return write_response("reservation", reservation_id, changed_reservation(row, moment, status=status.value))

    return await once.once(database, work, _until_unchanged)


async def _until_unchanged(database: Database, work: Callable[[Connection], Awaitable[Result]]) -> Result:
    """The result of `work` in a transaction, again if what it has read was changed since."""
    while True:
        try:
            return await transact(database, work)
        except GuardFailed:
            continue
