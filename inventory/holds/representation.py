"""How a reservation is shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from chassis.databases.mysql import Connection, Row
from inventory.holds import repository
from inventory.holds.models import Reservation
from inventory.holds.repository import NewHold
from inventory.problems import no_such_reservation
from inventory.reservations import HoldStatus
from inventory.times import now


async def found(connection: Connection, reservation_id: UUID, *, lock: bool = False) -> Row:
    """The row of a reservation, locked if `lock`. Raises the 404 of one that does not exist."""
    row = await repository.find_hold(connection, reservation_id, lock=lock)
    if row is None:
        raise no_such_reservation(reservation_id)
    return row


def reservation_of_new(hold: NewHold) -> Reservation:
    """A reservation that is about to be written."""
    return Reservation.model_validate(
        {
            "id": hold.hold_id,
            "status": HoldStatus.HELD.value,
            "order_id": None,
            "lines": hold.lines,
            "expires_at": hold.expires_at,
            "created_at": hold.created_at,
            "updated_at": hold.created_at,
            "version": 1,
        }
    )


def reservation_of(row: Row) -> Reservation:
    """The reservation of a row."""
    return Reservation.model_validate({**row, "status": status_of(row, now()), "lines": orjson.loads(row["requested"])})


def changed_reservation(row: Row, moment: datetime, **changes: Any) -> Reservation:
    """The reservation after this change of the row."""
    return reservation_of({**row, **changes, "updated_at": moment, "version": row["version"] + 1})


def status_of(row: Row, moment: datetime) -> HoldStatus | str:
    """The status; expired from that time on, whenever the row is updated."""
    is_over = row["status"] == HoldStatus.HELD and row["expires_at"] <= moment
    return HoldStatus.EXPIRED if is_over else str(row["status"])
