"""What clients send and get of a return."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from chassis.types.numbers import PlainDecimal, whole
from chassis.types.schemas import component, decimal, example
from chassis.types.times import StoredTime
from contracts.order_returns import ReturnOrigin, ReturnStatus
from contracts.sizes import MOST_LINES
from shipping.returns import examples
from shipping.shipments.models import MOST_UNITS, Quantity, ReasonCode, RequestModel, ResponseModel, ShipmentEvent

ReturnId = Annotated[UUID, Path(description="The return's id.", examples=[examples.RETURN_ID])]
Units = Annotated[int, Field(ge=0, le=MOST_UNITS, strict=True), BeforeValidator(whole)]
Amount = Annotated[
    PlainDecimal,
    Field(ge=0, max_digits=16, decimal_places=4),
    WithJsonSchema(
        component(
            "Amount", **decimal(12, 4), description="An amount of money, with at most the decimals of its currency."
        )
    ),
]
Location = Annotated[
    str,
    StringConstraints(pattern="^[!-~]{1,32}$"),
    WithJsonSchema(
        component(
            "Location",
            type="string",
            pattern="^[!-~]{1,32}$",
            description="Where units are: a store of inventory, or the default location of shipping.",
            examples=["seattle"],
        )
    ),
]
Reference = Annotated[
    str,
    StringConstraints(pattern="^[!-~]{1,100}$"),
    WithJsonSchema(
        component(
            "RefundReference",
            type="string",
            pattern="^[!-~]{1,100}$",
            description="The refund's id at the payment provider. Events keep it for ever.",
            examples=["re_3NqYt2"],
        )
    ),
]


class ReturnedUnits(RequestModel):
    """Units of an order line that shall come back."""

    order_line_id: UUID
    quantity: Quantity
    reason: ReasonCode


class NewReturn(RequestModel):
    """Delivered units of an order that the customer wants to send back."""

    model_config = example(examples.NEW_RETURN)

    order_id: UUID
    lines: Annotated[list[ReturnedUnits], Field(min_length=1, max_length=MOST_LINES)]


class Refusal(RequestModel):
    """Why a return is refused or cancelled."""

    model_config = example(examples.REFUSAL)

    reason: ReasonCode


class ReceivedUnits(RequestModel):
    """Units of an order line that came back: those that can be sold again, and the others."""

    order_line_id: UUID
    sellable: Units = 0
    damaged: Units = 0


class Receipt(RequestModel):
    """What came back, and where; by default the location that sent the units, if it is one."""

    model_config = example(examples.RECEIPT)

    location: Location | None = None
    lines: Annotated[list[ReceivedUnits], Field(min_length=1, max_length=MOST_LINES)]


class RefundOfLine(RequestModel):
    """What is refunded for the units of an order line."""

    order_line_id: UUID
    amount: Amount


class Approval(RequestModel):
    """Amounts of lines that shall get less than they may, and what is refunded of the shipping charge."""

    model_config = example(examples.APPROVAL)

    lines: Annotated[list[RefundOfLine], Field(default_factory=list, max_length=MOST_LINES)]
    freight: Amount = Decimal(0)


class Payment(RequestModel):
    """The refund that was paid."""

    model_config = example(examples.PAYMENT)

    reference: Reference


Status = Annotated[
    str,
    WithJsonSchema(
        component(
            "AnyReturnStatus",
            type="string",
            examples=list(ReturnStatus),
            description=f"How far it is: {', '.join(ReturnStatus)}; others may be added.",
        )
    ),
]
"""A stored status; it is not validated when it is read."""

Origin = Annotated[
    str,
    WithJsonSchema(
        component(
            "AnyReturnOrigin",
            type="string",
            examples=list(ReturnOrigin),
            description="Why units come back: the customer sends `delivered` ones, or a shipment was "
            "`returned_to_sender`; others may be added.",
        )
    ),
]


class ReturnLine(ResponseModel):
    """Units of an order line in a return. `refund` is an amount, null before it is approved."""

    order_line_id: UUID
    line_number: int
    sku: str
    quantity: int
    reason: str
    sellable: int | None
    damaged: int | None
    refund: str | None


class Refund(ResponseModel):
    """What is refunded: `amount` in all, with its part `freight`. `reference` is null until it is paid."""

    amount: str
    freight: str
    currency: str
    reference: str | None


class Return(ResponseModel):
    """Units of an order that come back, and their refund. Amounts are strings with the decimals of the currency.

    `rmaNumber` is what the customer writes on the parcel. The version is the number of its events.
    """

    model_config = example(examples.RETURN)

    id: UUID
    order_id: UUID
    customer_id: UUID
    origin: Origin
    shipment_id: UUID | None
    status: Status
    rma_number: str | None
    location: str | None
    reason: str | None
    lines: list[ReturnLine]
    refund: Refund | None
    requested_at: StoredTime
    authorised_at: StoredTime | None
    refused_at: StoredTime | None
    cancelled_at: StoredTime | None
    received_at: StoredTime | None
    refund_approved_at: StoredTime | None
    refunded_at: StoredTime | None
    updated_at: StoredTime
    version: int


class ReturnEvent(ShipmentEvent):
    """One event of a return, in the newest shape of its type. `happenedAt` is when it was so in the world."""

    model_config = example(examples.EVENT)
