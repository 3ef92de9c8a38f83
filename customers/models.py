"""What clients send to `customers` and get from it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Self
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, StrictBool, model_validator
from pydantic.alias_generators import to_camel

from chassis.types.emails import Email
from chassis.types.numbers import SHOWN_AS_NUMBER, StoredBool
from chassis.types.postal_addresses import COORDINATES, LongitudeOfPair, PostalAddress
from chassis.types.schemas import example, example_schema
from chassis.types.text import Line, Word
from chassis.types.times import StoredTime
from customers.examples import ADDRESS, ADDRESS_ID, CUSTOMER, CUSTOMER_ID, NEW_ADDRESS, NEW_CUSTOMER

CustomerId = Annotated[UUID, Path(description="The customer's id.", examples=[CUSTOMER_ID])]
AddressId = Annotated[UUID, Path(description="The address's id.", examples=[ADDRESS_ID])]

Degrees = Annotated[Decimal, SHOWN_AS_NUMBER]
"""A stored latitude or longitude."""


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


NAMED_BY = ("name", "lastName", "company", "email", "phone")
"""The members of which a customer has at least one, as people know a customer by any of them."""


class CustomerInput(_Model):
    """A customer as clients write it: a person or a company, with a name, an email address or a phone number."""

    model_config = ConfigDict(
        json_schema_extra={
            **example_schema(NEW_CUSTOMER),
            "anyOf": [{"required": [name], "properties": {name: {"type": "string"}}} for name in NAMED_BY],
        }
    )

    name: Line | None = None
    last_name: Line | None = None
    email: Email | None = None
    identity_document: Word | None = None
    phone: Word | None = None
    company: Line | None = None
    active: StrictBool = True

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if not any((self.name, self.last_name, self.company, self.email, self.phone)):
            raise ValueError(f"must have one of {', '.join(NAMED_BY)}")
        return self


class Customer(_Model):
    """One customer: a person who orders, alone or for a company, or a company."""

    model_config = example(CUSTOMER)

    id: UUID
    name: str | None
    last_name: str | None
    email: str | None
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

    together: ClassVar = (COORDINATES,)

    longitude: LongitudeOfPair = None


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
