"""What carriers send, and get."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints, WithJsonSchema

from chassis.types.postal_addresses import Country
from chassis.types.schemas import component, example
from chassis.types.text import Line
from chassis.types.times import Moment
from shipping.carriers.recording import Result
from shipping.shipments import examples
from shipping.shipments.models import RequestModel, ResponseModel, TrackingNumber
from shipping.shipments.values import TrackingCode

CarrierCodeOfEvent = Annotated[
    str,
    StringConstraints(min_length=1, max_length=40),
    WithJsonSchema(
        component(
            "AnyTrackingCode",
            type="string",
            minLength=1,
            maxLength=40,
            description=f"What happened: {', '.join(TrackingCode)}. Any other code is kept as `other`.",
            examples=["in_transit"],
        )
    ),
]


class CarrierEvent(RequestModel):
    """What a carrier reports of one parcel. Its free text is not kept, since it may be about persons."""

    model_config = example(examples.CARRIER_EVENT)

    event_id: Annotated[str, StringConstraints(pattern="^[!-~]{1,100}$")]
    tracking_number: TrackingNumber
    code: CarrierCodeOfEvent
    city: Line | None = None
    country: Country | None = None
    at: Moment


class CarrierResult(ResponseModel):
    """What became of the event: `recorded`, `waiting` for its tracking number, `repeated`, or `forgotten`, since the
    customer was deleted.
    """

    model_config = example(examples.CARRIER_RESULT)

    event_id: str
    result: Result
