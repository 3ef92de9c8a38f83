"""What clients get of an order's sourcing."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import WithJsonSchema

from chassis.types.schemas import component, example
from chassis.types.times import StoredTime
from contracts.inventory.sourcing import SourcingStatus
from inventory.examples import ORDER_ID, SOURCING
from inventory.models import ResponseModel

ThisOrder = Annotated[UUID, Path(description="The order's id.", examples=[ORDER_ID])]

Status = Annotated[
    str,
    WithJsonSchema(
        component(
            "SourcingStatus",
            type="string",
            examples=list(SourcingStatus),
            description=f"The state of the order's stock: {', '.join(SourcingStatus)}; others may be added.",
        )
    ),
]
"""A stored status; it is not validated when it is read."""


class SourcedPart(ResponseModel):
    """Units of a line from one store, and the state of their reservation."""

    store_id: str
    quantity: int
    state: str
    reservation_id: UUID


class SourcedLine(ResponseModel):
    """A line of the order, and the stores that give its units."""

    order_line_id: UUID
    sku: str
    quantity: int
    backordered: int
    parts: list[SourcedPart]


class Sourcing(ResponseModel):
    """The stock of one order: which stores give its units. It is about the lines at `linesVersion`."""

    model_config = example(SOURCING)

    order_id: UUID
    lines_version: int
    status: Status
    reason: str | None
    lines: list[SourcedLine]
    placed_at: StoredTime
    decided_at: StoredTime
    updated_at: StoredTime
    version: int
