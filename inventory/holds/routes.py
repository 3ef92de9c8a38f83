"""Routes that make and show reservations. The writes of a route are in its function `work`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from chassis.databases.mysql import Connection
from chassis.openapi.responses import NOT_MODIFIED, problems
from chassis.rest.dependencies import Db, IfNoneMatch
from chassis.rest.idempotency import KeyedOnce
from chassis.rest.responses import WriteResponse, created_response, unless_unchanged
from inventory.decisions.rules import Part
from inventory.decisions.wishes import Wish
from inventory.dependencies import Early, Known
from inventory.holds import repository
from inventory.holds.deciding import Decision
from inventory.holds.models import NewReservation, Reservation, ReservationId
from inventory.holds.repository import NewHold
from inventory.holds.representation import found, reservation_of, reservation_of_new
from inventory.models import WantedLine
from inventory.problems import INSUFFICIENT_STOCK, RESERVATION_NOT_FOUND, UNKNOWN_SKU, UNKNOWN_STORE
from inventory.times import now

router = APIRouter(tags=["reservations"])


@router.post(
    "/reservations",
    status_code=201,
    response_model=Reservation,
    summary="Reserve units for a cart",
    responses=problems(INSUFFICIENT_STOCK, UNKNOWN_SKU, UNKNOWN_STORE),
)
async def make_reservation(new: NewReservation, database: Db, known: Known, gate: Early, once: KeyedOnce) -> Response:
    """All lines, or none. Requires an `Idempotency-Key`: a retry does not reserve twice."""
    wish = Wish(new.lines, new.store_id, new.destination, await known.get())
    decision = Decision(wish, gate, once.digest)

    async def work(tx: Connection) -> WriteResponse:
        hold = _new_hold(new, decision.plan.parts, once.caller)
        if decision.takes_last:
            await repository.insert_hold_of_last_units(tx, hold)
        else:
            repository.insert_hold(tx, hold)
        answer = reservation_of_new(hold)
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
        row = await found(connection, reservation_id)
    return unless_unchanged(response, reservation_of(row), if_none_match)


def _new_hold(new: NewReservation, parts: Sequence[Part], caller: str | None) -> NewHold:
    moment = now()
    lines = [_line(line, [part for part in parts if part.line_id == number]) for number, line in enumerate(new.lines)]
    return NewHold(uuid7(), caller, lines, parts, moment + timedelta(seconds=new.expires_in_s), moment)


def _line(line: WantedLine, parts: Sequence[Part]) -> dict[str, Any]:
    given = [{"storeId": part.store_id, "quantity": part.quantity} for part in parts]
    return {"sku": line.sku, "quantity": line.quantity, "parts": given}
