"""A customer with its addresses in one JSON line: as it is imported, and as it is exported."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, Tag

from chassis.bulk.exported import ExportedState
from chassis.bulk.stored import (
    BY_EXPORTED,
    KEPT,
    NEW,
    StoredCountry,
    StoredDegrees,
    StoredEmail,
    StoredLine,
    StoredWord,
)
from chassis.types.schemas import example
from customers.examples import LINE
from customers.models import AddressInput, CustomerInput

MOST_ADDRESSES = 100


class ExportedRow(ExportedState):
    """The generated values of an exported row, with its id."""

    id: UUID


class AddressInLine(AddressInput):
    """One address of the customer, identified by its content, or by the id in `exported`."""

    exported: ExportedRow | None = None


class ExportedAddress(AddressInLine):
    """An exported address. Values are validated only against what the columns can hold."""

    recipient: StoredLine | None = None
    company: StoredLine | None = None
    phone: StoredWord | None = None
    street_type: StoredWord | None = None
    street: StoredLine
    number: StoredWord | None = None
    building: StoredLine | None = None
    department: StoredLine | None = None
    reference: StoredLine | None = None
    city: StoredLine
    region: StoredLine | None = None
    postal_code: StoredWord | None = None
    country: StoredCountry
    latitude: StoredDegrees | None = None
    longitude: StoredDegrees | None = None
    exported: ExportedRow


EitherAddress = Annotated[Annotated[ExportedAddress, Tag(KEPT)] | Annotated[AddressInLine, Tag(NEW)], BY_EXPORTED]
"""An address without `exported` is new."""


class CustomerLine(CustomerInput):
    """A customer with addresses, identified by the email address or else all other members, or the id in `exported`."""

    model_config = example(LINE)

    addresses: Annotated[list[EitherAddress], Field(default_factory=list, max_length=MOST_ADDRESSES)]
    exported: ExportedRow | None = None


class ExportedCustomer(CustomerLine):
    """An exported customer. Values are validated only against what the columns can hold."""

    name: StoredLine | None = None
    last_name: StoredLine | None = None
    email: StoredEmail | None = None
    identity_document: StoredWord | None = None
    phone: StoredWord | None = None
    company: StoredLine | None = None
    exported: ExportedRow


EitherLine = Annotated[Annotated[ExportedCustomer, Tag(KEPT)] | Annotated[CustomerLine, Tag(NEW)], BY_EXPORTED]
"""A line without `exported` is a new customer."""
