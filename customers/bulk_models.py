"""A customer with its addresses in one line: as it is sent, and as it is shown."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from chassis.schemas import example
from customers.examples import LINE
from customers.models import AddressInput, CustomerInput

MOST_ADDRESSES = 100


class Exported(BaseModel):
    """What the service made by itself: shown with each line, and taken no notice of when the line is sent."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    id: UUID
    created_at: AwareDatetime
    updated_at: AwareDatetime
    version: int


class AddressInLine(AddressInput):
    """One address of the customer."""

    exported: Exported | None = None


class CustomerLine(CustomerInput):
    """A customer with addresses. The email address says who it is."""

    model_config = example(LINE)

    addresses: Annotated[list[AddressInLine], Field(default_factory=list, max_length=MOST_ADDRESSES)]
    exported: Exported | None = None
