"""What clients send and get of a restock request."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import WithJsonSchema

from chassis.types.products import AnySku
from chassis.types.schemas import component, example
from chassis.types.times import StoredTime
from contracts.inventory.restocks import RestockStatus
from inventory.examples import NEW_RESTOCK_REQUEST, RESTOCK_REQUEST, RESTOCK_REQUEST_ID
from inventory.models import Quantity, RequestModel, ResponseModel, StoreId

RequestId = Annotated[UUID, Path(description="The restock request's id.", examples=[RESTOCK_REQUEST_ID])]


class NewRestockRequest(RequestModel):
    """Units that a supplier shall send to a store."""

    model_config = example(NEW_RESTOCK_REQUEST)

    store_id: StoreId
    sku: AnySku
    quantity: Quantity


Status = Annotated[
    str,
    WithJsonSchema(
        component(
            "RestockRequestStatus",
            type="string",
            examples=list(RestockStatus),
            description=f"How far it is: {', '.join(RestockStatus)}; others may be added.",
        )
    ),
]
"""A stored status; it is not validated when it is read."""


class RestockRequest(ResponseModel):
    """Units that a supplier sends to a store. Once it is completed, they are on their way.

    Once it is received, the store has `added` units and `refused` those above its `reorderTo`.
    """

    model_config = example(RESTOCK_REQUEST)

    id: UUID
    store_id: str
    sku: str
    quantity: int
    status: Status
    added: int | None
    refused: int | None
    requested_at: StoredTime
    received_at: StoredTime | None
    updated_at: StoredTime
    version: int
