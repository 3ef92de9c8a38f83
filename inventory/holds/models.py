"""What clients send and get of a reservation."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import BeforeValidator, Field, WithJsonSchema

from chassis.types.numbers import whole
from chassis.types.schemas import component, example
from chassis.types.times import StoredTime
from inventory.examples import EXTENSION, NEW_RESERVATION, RESERVATION, RESERVATION_ID
from inventory.models import Destination, RequestModel, ResponseModel, StoreId, WantedLines
from inventory.reservations import HoldStatus

SHORTEST_S, USUAL_S, LONGEST_S = 1, 600, 3600

ReservationId = Annotated[UUID, Path(description="The reservation's id.", examples=[RESERVATION_ID])]

ExpiresInS = Annotated[
    int,
    Field(ge=SHORTEST_S, le=LONGEST_S, strict=True, description="Seconds from now until the units are free again."),
    BeforeValidator(whole),
]


class NewReservation(RequestModel):
    """The units that are wanted. With `storeId`, of that store only."""

    model_config = example(NEW_RESERVATION)

    lines: WantedLines
    store_id: StoreId | None = None
    destination: Destination | None = None
    expires_in_s: ExpiresInS = USUAL_S


class Extension(RequestModel):
    """The new end of a reservation."""

    model_config = example(EXTENSION)

    expires_in_s: ExpiresInS = USUAL_S


class ReservedPart(ResponseModel):
    """Units of a line that one store gives."""

    store_id: str
    quantity: int


class ReservedLine(ResponseModel):
    """A line with the stores that give its units; none if the stock of the SKU is not tracked."""

    sku: str
    quantity: int
    parts: list[ReservedPart]


Status = Annotated[
    str,
    WithJsonSchema(
        component(
            "ReservationStatus",
            type="string",
            examples=list(HoldStatus),
            description=f"The reservation's status: {', '.join(HoldStatus)}; others may be added.",
        )
    ),
]
"""A stored status; it is not validated when it is read."""


class Reservation(ResponseModel):
    """Units that nobody else can buy until `expiresAt`, or that an order has taken over.

    `lines` are as they were reserved. Once an order has taken it over, see the sourcing of `orderId`.
    """

    model_config = example(RESERVATION)

    id: UUID
    status: Status
    order_id: UUID | None
    lines: list[ReservedLine]
    expires_at: StoredTime
    created_at: StoredTime
    updated_at: StoredTime
    version: int
