"""What clients send and get of a delivery day."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import BeforeValidator, Field, WithJsonSchema

from chassis.types.schemas import component, example
from chassis.types.times import Moment, StoredTime
from shipping.days import examples
from shipping.days.events import Outcome
from shipping.depots.models import Van
from shipping.shipments import models
from shipping.shipments.models import Happened, RequestModel, ResponseModel

_DATE = "^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"


def _read(value: object) -> object:
    """Reads a text strictly; pydantic takes numbers for seconds since 1970."""
    try:
        if isinstance(value, str) and re.fullmatch(_DATE, value, re.ASCII):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("must be a day such as 2026-01-31, in the years 2000 to 2099")


DayDate = Annotated[
    date,
    BeforeValidator(_read),
    WithJsonSchema({"type": "string", "format": "date", "pattern": _DATE}),
    Path(description="The local day of the depot.", examples=[examples.DATE]),
]


class NewDelivery(RequestModel):
    """A van brings a shipment from `from` to before `to`."""

    model_config = example(examples.NEW_DELIVERY)

    shipment_id: UUID
    van: Van
    from_: Annotated[Moment, Field(alias="from")]
    to: Moment


class Start(RequestModel):
    """When the van left."""

    model_config = example(examples.START)

    at: Happened = None


StoredOutcome = Annotated[
    str,
    WithJsonSchema(
        component(
            "DeliveryOutcome",
            type="string",
            examples=list(Outcome),
            description=f"How it ended: {', '.join(Outcome)}; others may be added.",
        )
    ),
]


class Delivery(ResponseModel):
    """A delivery of a shipment. `outcome` is null until it has ended."""

    shipment_id: UUID
    van: str
    from_: Annotated[StoredTime, Field(alias="from")]
    to: StoredTime
    started_at: StoredTime | None
    finished_at: StoredTime | None
    outcome: StoredOutcome | None


class DeliveryDay(ResponseModel):
    """The deliveries of a depot on a local day, sorted by their time.

    The hours, vans and number are those by which the last delivery was planned, or those of the depot. The version is
    the number of its events.
    """

    model_config = example(examples.DAY)

    depot: str
    date: date
    zone: str
    opens: str
    closes: str
    parallel_deliveries: int
    vans: list[str]
    deliveries: list[Delivery]
    version: int


class DayEvent(models.ShipmentEvent):
    """One event of a delivery day, in the newest shape of its type. `happenedAt` is when it was so in the world."""

    model_config = example(examples.EVENT)
