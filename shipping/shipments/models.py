"""What clients send and get of a shipment."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic.alias_generators import to_camel

from chassis.types.numbers import SHOWN_AS_NUMBER, PlainDecimal, whole
from chassis.types.schemas import component, decimal, example, input_schema
from chassis.types.text import Line
from chassis.types.times import Moment, StoredTime
from contracts.shipping import MOST_PARCELS, ShipmentStatus
from contracts.sizes import MOST_LINES
from shipping.shipments import examples

MOST_UNITS = 1_000_000
"""Of one line."""

ShipmentId = Annotated[UUID, Path(description="The shipment's id.", examples=[examples.SHIPMENT_ID])]
ParcelId = Annotated[
    str,
    Path(pattern="^[1-9][0-9]{0,2}$", description="The parcel's number in its shipment.", examples=["1"]),
]

CARRIER_PATTERN = "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"
Carrier = Annotated[
    str,
    StringConstraints(pattern=CARRIER_PATTERN),
    WithJsonSchema(
        component(
            "Carrier",
            type="string",
            pattern=CARRIER_PATTERN,
            maxLength=40,
            description="A carrier's code: lower case letters, digits and hyphens.",
            examples=[examples.CARRIER],
        )
    ),
]
TrackingNumber = Annotated[
    str,
    StringConstraints(pattern="^[A-Za-z0-9-]{1,100}$"),
    WithJsonSchema(
        component(
            "TrackingNumber",
            type="string",
            pattern="^[A-Za-z0-9-]{1,100}$",
            description="A parcel's number at its carrier.",
            examples=[examples.TRACKING_NUMBER],
        )
    ),
]
ReasonCode = Annotated[
    str,
    StringConstraints(pattern="^[a-z0-9][a-z0-9_-]{0,39}$"),
    WithJsonSchema(
        component(
            "ReasonCode",
            type="string",
            pattern="^[a-z0-9][a-z0-9_-]{0,39}$",
            description="A code, not a text: events are kept for ever and must have nothing about persons.",
            examples=["recipient-absent"],
        )
    ),
]
Quantity = Annotated[int, Field(ge=1, le=MOST_UNITS, strict=True), BeforeValidator(whole)]
Weight = Annotated[
    PlainDecimal,
    Field(ge=0, lt=10**6, decimal_places=3),
    input_schema(component("Weight", **decimal(6, 3), description="Kilograms, with at most three decimals.")),
]
Happened = Annotated[Moment | None, Field(description="When it happened, by default now; later than now is an error.")]


class RequestModel(BaseModel):
    """What a client sends: its members in camel case, and no others."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class ResponseModel(BaseModel):
    """What a client gets: its members in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


class NewShipments(RequestModel):
    """An order whose units shall be in shipments."""

    model_config = example(examples.NEW_SHIPMENTS)

    order_id: UUID


class UnitsOfLine(RequestModel):
    """Some units of an order line."""

    order_line_id: UUID
    quantity: Quantity


class Split(RequestModel):
    """Units that shall be in a shipment of their own."""

    model_config = example(examples.SPLIT)

    lines: Annotated[list[UnitsOfLine], Field(min_length=1, max_length=MOST_LINES)]


class NewParcel(RequestModel):
    """A parcel with its weight, if it is known."""

    weight: Weight | None = None


class Packing(RequestModel):
    """The parcels of a shipment; they are numbered from 1."""

    model_config = example(examples.PACKING)

    parcels: Annotated[list[NewParcel], Field(min_length=1, max_length=MOST_PARCELS)]


class Dispatch(RequestModel):
    """The carrier, by default that of the parcels."""

    model_config = example(examples.DISPATCH)

    carrier: Carrier | None = None
    at: Happened = None


class Delivery(RequestModel):
    """The name of the person who received it, if it is known; it is erased with the customer."""

    model_config = example(examples.DELIVERY)

    received_by: Line | None = None
    at: Happened = None


class Failure(RequestModel):
    """Why an attempt to deliver failed."""

    model_config = example(examples.FAILURE)

    reason: ReasonCode
    at: Happened = None


class Return(RequestModel):
    """Why it came back, by default for the reason of the failure or the recall."""

    model_config = example(examples.RETURN)

    reason: ReasonCode | None = None
    at: Happened = None


class Reason(RequestModel):
    """Why the command is given."""

    model_config = example(examples.REASON)

    reason: ReasonCode


class TrackedParcel(RequestModel):
    """The number under which the carrier tracks a parcel. It is personal, and erased with the customer."""

    model_config = example(examples.NEW_PARCEL)

    carrier: Carrier
    tracking_number: TrackingNumber


Status = Annotated[
    str,
    WithJsonSchema(
        component(
            "AnyShipmentStatus",
            type="string",
            examples=list(ShipmentStatus),
            description=f"How far it is: {', '.join(ShipmentStatus)}; others may be added.",
        )
    ),
]
"""A stored status; it is not validated when it is read."""


class ShippedLine(ResponseModel):
    """Units of an order line in a shipment."""

    order_line_id: UUID
    line_number: int
    sku: str
    quantity: int


class Parcel(ResponseModel):
    """A parcel. `weight` is in kilograms."""

    id: str
    weight: Annotated[Decimal, SHOWN_AS_NUMBER] | None
    carrier: str | None
    tracking_number: str | None


class Tracking(ResponseModel):
    """What a carrier reported, at its time."""

    event_id: str
    code: str
    parcel_id: str | None
    city: str | None
    country: str | None
    at: StoredTime


class DeliveryWindow(ResponseModel):
    """When a van of a depot brings a shipment: from `from` to before `to`, on the local day `date` in `zone`."""

    depot: str
    date: date
    van: str
    from_: Annotated[StoredTime, Field(alias="from")]
    to: StoredTime
    zone: str


class Shipment(ResponseModel):
    """Units of an order that go from one location to one address together.

    `tracking` has the newest reports of carriers, sorted by their time. `attempts` counts the failed deliveries. The
    version is the number of its events. `window` is there if a van of a depot brings it.
    """

    model_config = example(examples.SHIPMENT)

    id: UUID
    order_id: UUID
    customer_id: UUID
    status: Status
    location: str
    delivery_address_id: UUID
    city: str | None
    region: str | None
    country: str | None
    lines: list[ShippedLine]
    parcels: list[Parcel]
    tracking: list[Tracking]
    carrier: str | None
    attempts: int
    reason: str | None
    received_by: str | None
    window: DeliveryWindow | None
    planned_at: StoredTime
    packed_at: StoredTime | None
    dispatched_at: StoredTime | None
    delivered_at: StoredTime | None
    cancelled_at: StoredTime | None
    returned_at: StoredTime | None
    erased_at: StoredTime | None
    updated_at: StoredTime
    version: int


class Shipments(ResponseModel):
    """The shipments of an order, those of cancelled ones included."""

    model_config = example({"items": [examples.SHIPMENT]})

    items: list[Shipment]


class ShipmentEvent(ResponseModel):
    """One event of a shipment, in the newest shape of its type. `happenedAt` is when it was so in the world."""

    model_config = example(examples.EVENT)

    sequence: int
    id: UUID
    type: str
    data: dict[str, Any]
    caller: str | None
    caused_by: str | None
    happened_at: StoredTime
    recorded_at: StoredTime
