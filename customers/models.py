"""What a client sends to `customers` and gets from it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

import pycountry
from email_validator import EmailNotValidError, validate_email
from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, WithJsonSchema
from pydantic.alias_generators import to_camel

from chassis.numbers import SHOWN_AS_NUMBER, PlainDecimal
from chassis.schemas import component, degrees, example, taken_as
from chassis.text import Line, Word, clean
from chassis.times import StoredTime
from customers.examples import ADDRESS, ADDRESS_ID, CUSTOMER, CUSTOMER_ID, NEW_ADDRESS, NEW_CUSTOMER


def _email(text: str) -> str:
    """Reserved domains such as `.example` and `.test` are let in: sample data and trials use them."""
    try:
        found = validate_email(clean(text), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    return clean(found.normalized.lower())


def as_stored(email: str) -> str:
    """An address that somebody looks for, written as it would be kept; one that is none as it is."""
    try:
        return _email(email)
    except ValueError:
        return email.lower()


def _country(code: str) -> str:
    code = code.strip()
    if not code.isascii() or len(code) != 2 or pycountry.countries.get(alpha_2=code.upper()) is None:
        raise ValueError("must be a country of ISO 3166-1 in two letters, such as DE")
    return code.upper()


def _six_decimals(degrees: Decimal) -> Decimal:
    """A millionth of a degree is 11 cm: what a receiver says beyond it is noise."""
    return round(degrees, 6)


CustomerId = Annotated[UUID, Path(description="The customer's id.", examples=[CUSTOMER_ID])]
AddressId = Annotated[UUID, Path(description="The address's id.", examples=[ADDRESS_ID])]

Email = Annotated[
    str,
    Field(max_length=254),
    AfterValidator(_email),
    WithJsonSchema(
        component(
            "Email",
            type="string",
            format="email",
            maxLength=254,
            description="An email address; kept in small letters and in Unicode NFC, so that it is taken once.",
        )
    ),
]
"""An email address in lower case and Unicode NFC, so that it is taken once however it is written."""

Country = Annotated[
    str,
    AfterValidator(_country),
    WithJsonSchema(
        component(
            "Country",
            type="string",
            enum=sorted(country.alpha_2 for country in pycountry.countries),
            description="A country of ISO 3166-1 in two letters. Small letters are taken as well.",
        )
    ),
]
"""ISO 3166-1 alpha-2, in capitals."""

Latitude = Annotated[
    PlainDecimal,
    Field(ge=-90, le=90),
    AfterValidator(_six_decimals),
    SHOWN_AS_NUMBER,
    taken_as(component("Latitude", **degrees(90), description="Degrees (WGS 84), kept to the sixth decimal.")),
]
Longitude = Annotated[
    PlainDecimal,
    Field(ge=-180, le=180),
    AfterValidator(_six_decimals),
    SHOWN_AS_NUMBER,
    taken_as(component("Longitude", **degrees(180), description="Degrees (WGS 84), kept to the sixth decimal.")),
]


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class CustomerInput(_Model):
    """A customer as a client writes it."""

    model_config = example(NEW_CUSTOMER)

    name: Line
    last_name: Line
    email: Email
    identity_document: Word | None = None
    phone: Word | None = None
    company: Line | None = None
    active: StrictBool = True


class Customer(_Model):
    """One customer: a person who orders, alone or for a company."""

    model_config = example(CUSTOMER)

    id: UUID
    name: str
    last_name: str
    email: str
    identity_document: str | None
    phone: str | None
    company: str | None
    active: bool
    created_at: StoredTime
    updated_at: StoredTime
    version: int


class AddressInput(_Model):
    """An address as a client writes it."""

    model_config = example(NEW_ADDRESS)

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


class Address(_Model):
    """One address of one customer. Latitude and longitude are degrees (WGS 84)."""

    model_config = example(ADDRESS)

    id: UUID
    customer_id: UUID
    street_type: str | None
    street: str
    number: str | None
    building: str | None
    department: str | None
    reference: str | None
    city: str
    region: str | None
    postal_code: str | None
    country: str
    latitude: Latitude | None
    longitude: Longitude | None
    created_at: StoredTime
    updated_at: StoredTime
    version: int
