"""What clients send and get of a depot."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import available_timezones

from fastapi import Path
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from chassis.http.errors.problems import fault
from chassis.types.numbers import whole
from chassis.types.schemas import component, example
from chassis.types.text import Line
from chassis.types.times import StoredTime
from shipping.depots.examples import DEPOT, DEPOT_ID, NEW_DEPOT, VAN, ZONE
from shipping.shipments.models import RequestModel, ResponseModel

MOST_VANS = 100
MOST_PARALLEL = 1000

_DEPOT = "^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$"
_TIME = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
_VAN = "^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$"
_ZONE = "^[A-Za-z][A-Za-z0-9_+/-]{0,63}$"


def _is_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is not a time zone of the IANA database")
    return name


DepotId = Annotated[
    str,
    StringConstraints(pattern=_DEPOT),
    WithJsonSchema(component("DepotId", type="string", minLength=1, maxLength=32, pattern=_DEPOT)),
    Path(description="The depot's id, which is that of its location.", examples=[DEPOT_ID]),
]
Zone = Annotated[
    str,
    StringConstraints(pattern=_ZONE),
    AfterValidator(_is_zone),
    WithJsonSchema(
        component(
            "Zone",
            type="string",
            pattern=_ZONE,
            maxLength=64,
            description="A time zone of the IANA database.",
            examples=[ZONE],
        )
    ),
]
TimeOfDay = Annotated[
    str,
    StringConstraints(pattern=_TIME),
    WithJsonSchema(
        component(
            "TimeOfDay",
            type="string",
            pattern=_TIME,
            description="A local time; 24:00 is the end of the day.",
            examples=["08:00"],
        )
    ),
]
Van = Annotated[
    str,
    StringConstraints(pattern=_VAN),
    WithJsonSchema(
        component(
            "Van",
            type="string",
            pattern=_VAN,
            description="A van's code. It is kept for ever and must have nothing about persons.",
            examples=[VAN],
        )
    ),
]


class DepotInput(RequestModel):
    """When a depot delivers, with which vans, and how many deliveries there are at most at one moment."""

    model_config = example(NEW_DEPOT)

    name: Line
    zone: Zone
    opens: TimeOfDay
    closes: TimeOfDay
    parallel_deliveries: Annotated[int, Field(ge=1, le=MOST_PARALLEL, strict=True), BeforeValidator(whole)]
    vans: Annotated[list[Van], Field(max_length=MOST_VANS, json_schema_extra={"uniqueItems": True})]

    def faults(self) -> list[dict[str, str]]:
        """What is wrong with its members together, each with its pointer."""
        found = [] if self.opens < self.closes else [fault("#/closes", "must be later than opens")]
        repeated = [number for number, van in enumerate(self.vans) if van in self.vans[:number]]
        return found + [fault(f"#/vans/{number}", "is named twice") for number in repeated]


class Depot(ResponseModel):
    """The delivery department of a location, which has its id."""

    model_config = example(DEPOT)

    id: str
    name: str
    zone: str
    opens: str
    closes: str
    parallel_deliveries: int
    vans: list[str]
    created_at: StoredTime
    updated_at: StoredTime
    version: int
