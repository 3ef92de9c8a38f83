"""What clients send and get, wherever they do: the base of all models, and the parts that several have."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic.alias_generators import to_camel

from chassis.types.numbers import whole
from chassis.types.postal_addresses import Country, Latitude, Longitude
from chassis.types.products import AnySku
from chassis.types.schemas import component, example
from chassis.types.text import Line
from inventory.examples import LINE

MOST_UNITS = 1_000_000
"""Of one line. A sum of lines stays below 2³¹, which a row holds."""
MOST_LINES = 100
MAX_STORE_ID = 32

STORE_ID_PATTERN = f"^[a-z0-9]([a-z0-9-]{{0,{MAX_STORE_ID - 2}}}[a-z0-9])?$"

StoreId = Annotated[
    str,
    StringConstraints(pattern=STORE_ID_PATTERN),
    WithJsonSchema(
        component(
            "StoreId",
            type="string",
            minLength=1,
            maxLength=MAX_STORE_ID,
            pattern=STORE_ID_PATTERN,
            description="A store's id: lower case letters, digits and hyphens.",
            examples=["seattle"],
        )
    ),
]
"""The id of a store."""

Quantity = Annotated[int, Field(ge=1, le=MOST_UNITS, strict=True), BeforeValidator(whole)]
"""A number of units."""


class RequestModel(BaseModel):
    """What a client sends: its members in camel case, and no others."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class ResponseModel(BaseModel):
    """What a client gets: its members in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class WantedLine(RequestModel):
    """Units of one SKU. Several lines may have the same one: their sum is what counts."""

    model_config = example(LINE)

    sku: AnySku
    quantity: Quantity


class Destination(RequestModel):
    """Where the units go: stores of that country, and near it, are preferred. Coordinates are rounded to 0.1 degree.

    Without coordinates, stores of the same region and city are near. Nothing of it is stored.
    """

    country: Country
    region: Annotated[Line, Field(max_length=100)] | None = None
    city: Annotated[Line, Field(max_length=100)] | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None


WantedLines = Annotated[list[WantedLine], Field(min_length=1, max_length=MOST_LINES)]
