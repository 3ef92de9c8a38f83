"""What clients send to `customers` and get from it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, WithJsonSchema
from pydantic.alias_generators import to_camel

from chassis.types.numbers import SHOWN_AS_NUMBER, StoredBool
from chassis.types.postal_addresses import PostalAddress
from chassis.types.schemas import component, example
from chassis.types.text import Line, Word, clean
from chassis.types.times import StoredTime
from customers.examples import ADDRESS, ADDRESS_ID, CUSTOMER, CUSTOMER_ID, NEW_ADDRESS, NEW_CUSTOMER


def _email(text: str) -> str:
    """Normalize an email address. Reserved domains such as `.example` are accepted, for sample data and tests."""
    try:
        found = validate_email(clean(text), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    return clean(found.normalized.lower())


def as_stored(email: str) -> str:
    """An email address in a filter, normalized like stored ones; an invalid one in lower case."""
    try:
        return _email(email)
    except ValueError:
        return email.lower()


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
            description="An email address; stored in lower case and Unicode NFC, unique.",
        )
    ),
]
"""An email address in lower case and Unicode NFC, so that it is unique however it is written."""

Degrees = Annotated[Decimal, SHOWN_AS_NUMBER]
"""A stored latitude or longitude."""


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class CustomerInput(_Model):
    """A customer as clients write it."""

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
    active: StoredBool
    created_at: StoredTime
    updated_at: StoredTime
    version: int


class AddressInput(PostalAddress):
    """An address as clients write it."""

    model_config = example(NEW_ADDRESS)


class Address(_Model):
    """One address of one customer. Latitude and longitude are degrees (WGS 84)."""

    model_config = example(ADDRESS)

    id: UUID
    customer_id: UUID
    recipient: str | None
    company: str | None
    phone: str | None
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
    latitude: Degrees | None
    longitude: Degrees | None
    created_at: StoredTime
    updated_at: StoredTime
    version: int
