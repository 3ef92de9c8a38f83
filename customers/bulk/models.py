"""A customer with its addresses in one line: as it is sent, and as it is shown."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, Tag

from chassis.bulk.exported import Exported
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


class ExportedRow(Exported):
    """What the service made of a row by itself, with its id."""

    id: UUID


class AddressInLine(AddressInput):
    """One address of the customer. What it says is which it is, or where it has `exported` the id there."""

    exported: ExportedRow | None = None


class ExportedAddress(AddressInLine):
    """An address that was exported: whatever is stored can be made anew, also in a country that is gone."""

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
"""An address is new, unless it carries `exported`."""


class CustomerLine(CustomerInput):
    """A customer with addresses. The email address says who it is, or where it has `exported` the id there."""

    model_config = example(LINE)

    addresses: Annotated[list[EitherAddress], Field(default_factory=list, max_length=MOST_ADDRESSES)]
    exported: ExportedRow | None = None


class ExportedCustomer(CustomerLine):
    """A customer that was exported: whatever is stored can be made anew, also what is no email address today."""

    name: StoredLine
    last_name: StoredLine
    email: StoredEmail
    identity_document: StoredWord | None = None
    phone: StoredWord | None = None
    company: StoredLine | None = None
    exported: ExportedRow


EitherLine = Annotated[Annotated[ExportedCustomer, Tag(KEPT)] | Annotated[CustomerLine, Tag(NEW)], BY_EXPORTED]
"""A line is new, unless it carries `exported`."""
