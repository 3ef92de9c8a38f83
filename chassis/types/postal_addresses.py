"""A postal address of a customer or an order as clients send it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, WithJsonSchema
from pydantic.alias_generators import to_camel

from chassis.types.countries import COUNTRIES, RESERVED
from chassis.types.numbers import SHOWN_AS_NUMBER, PlainDecimal
from chassis.types.schemas import component, degrees, input_schema
from chassis.types.text import Line, Word


def _country(code: str) -> str:
    code = code.strip()
    if not code.isascii() or code.upper() not in COUNTRIES:
        raise ValueError("must be an ISO 3166-1 alpha-2 code, such as DE")
    return code.upper()


def _six_decimals(degrees: Decimal) -> Decimal:
    """Rounds to 11 cm: further digits of a GPS receiver are noise."""
    return round(degrees, 6)


Country = Annotated[
    str,
    AfterValidator(_country),
    WithJsonSchema(
        component(
            "Country",
            type="string",
            enum=sorted(COUNTRIES),
            description="A country (ISO 3166-1 alpha-2), or one of its reserved codes "
            f"{', '.join(f'{code} ({name})' for code, name in RESERVED.items())}. Lower case is accepted.",
        )
    ),
]
"""A code of `COUNTRIES`, in capitals."""

Latitude = Annotated[
    PlainDecimal,
    Field(ge=-90, le=90),
    AfterValidator(_six_decimals),
    SHOWN_AS_NUMBER,
    input_schema(component("Latitude", **degrees(90), description="Degrees (WGS 84), stored to the sixth decimal.")),
]
Longitude = Annotated[
    PlainDecimal,
    Field(ge=-180, le=180),
    AfterValidator(_six_decimals),
    SHOWN_AS_NUMBER,
    input_schema(component("Longitude", **degrees(180), description="Degrees (WGS 84), stored to the sixth decimal.")),
]


def _with_latitude(longitude: Decimal | None, others: ValidationInfo) -> Decimal | None:
    if "latitude" in others.data and (longitude is None) != (others.data["latitude"] is None):
        raise ValueError("must be given together with latitude")
    return longitude


LongitudeOfPair = Annotated[
    Longitude | None,
    Field(validate_default=True, description="Given together with `latitude`."),
    AfterValidator(_with_latitude),
]
"""A longitude that is given if and only if `latitude` is, which is the member before it."""

COORDINATES = frozenset({"latitude", "longitude"})


class PostalAddress(BaseModel):
    """The members of an address."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    recipient: Line | None = None
    company: Line | None = None
    phone: Word | None = None
    street_type: Word | None = None
    street: Line
    number: Word | None = None
    building: Line | None = None
    department: Line | None = None
    reference: Line | None = None
    city: Line
    region: Line | None = None
    postal_code: Word | None = None
    country: Country
    latitude: Latitude | None = None
    longitude: Longitude | None = None
