"""A customer with its addresses in one line: as it is sent, and as it is shown."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.exported import Exported
from chassis.schemas import example
from customers.examples import LINE
from customers.models import AddressInput, CustomerInput

MOST_ADDRESSES = 100


class ExportedRow(Exported):
    """What the service made of a row by itself, with its id."""

    id: UUID


class AddressInLine(AddressInput):
    """One address of the customer. What it says is which it is, or where it has `exported` the id there."""

    exported: ExportedRow | None = None


class CustomerLine(CustomerInput):
    """A customer with addresses. The email address says who it is, or where it has `exported` the id there."""

    model_config = example(LINE)

    addresses: Annotated[list[AddressInLine], Field(default_factory=list, max_length=MOST_ADDRESSES)]
    exported: ExportedRow | None = None
