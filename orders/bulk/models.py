"""An order with its whole past in one line: as it is exported, and as it is sent to be made anew."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from chassis.bulk.exported import Version
from chassis.bulk.stored import StoredFraction, StoredInt, StoredLine, StoredMoney, StoredSku, StoredStatus
from chassis.types.numbers import PlainDecimal
from chassis.types.schemas import example
from chassis.types.times import Moment, StoredTime
from contracts.sizes import MOST_LINES
from orders.examples import EXPORTED_ORDER
from orders.history_routes import HistoryEntry
from orders.line_models import OrderLine, RequestModel, ResponseModel
from orders.models import Order, OrderColumns


def _as_stored(degrees: Decimal) -> Decimal:
    return degrees.quantize(Decimal("0.000001"))


Degrees = Annotated[PlainDecimal, Field(gt=-(10**9), lt=10**9), AfterValidator(_as_stored)]
"""A latitude or a longitude, written as an order's row has it."""


class FormerLine(OrderLine):
    """A line that the order had before its lines were changed; `linesVersion` counts these changes."""

    lines_version: int


class Past(ResponseModel):
    """What an order has beside what it shows."""

    erased_at: StoredTime | None
    lines_version: int
    former_lines: list[FormerLine]
    history: list[HistoryEntry]


class CompleteOrder(Order):
    """One order as it is shown, and beside that, as `exported`, the rest of what is known of it."""

    model_config = example(EXPORTED_ORDER)

    exported: Past


class ExportedLine(RequestModel):
    """One line of an order, as it was placed."""

    id: UUID
    line_number: StoredInt
    sku: StoredSku
    product_name: StoredLine
    quantity: StoredInt
    unit_price: StoredMoney
    discount: StoredFraction
    amount: StoredMoney
    delivery_address_id: UUID


class ExportedFormerLine(ExportedLine):
    """A line that the order had before its lines were changed."""

    lines_version: Version


class ExportedAddress(RequestModel):
    """Where lines go, as it was when the order was placed. Of an erased person, only city, region and country stay.

    All addresses of an order are bounded together, by their bytes.
    """

    id: UUID
    street_type: str | None = None
    street: str | None = None
    number: str | None = None
    building: str | None = None
    department: str | None = None
    reference: str | None = None
    city: str
    region: str | None = None
    postal_code: str | None = None
    country: str
    latitude: Degrees | None = None
    longitude: Degrees | None = None


class ExportedHistoryEntry(RequestModel):
    """Something that was done to the order. `caller` is the name of the client that did it, if it gave one."""

    command: StoredStatus
    caller: Annotated[str, Field(pattern=r"^[\x00-\x7f]{0,100}$")] | None = None
    from_version: Version | None
    to_version: Version
    status: StoredStatus
    reason: StoredLine | None = None
    happened_at: Moment


class ExportedPast(RequestModel):
    """What an order has beside what it shows."""

    erased_at: Moment | None = None
    lines_version: Version
    former_lines: Annotated[list[ExportedFormerLine], Field(default_factory=list)]
    history: Annotated[list[ExportedHistoryEntry], Field(default_factory=list)]


class ExportedOrder(OrderColumns):
    """An order as `GET /orders/bulk?complete=true` has it, with its ids, times, version and history.

    It is made as it was: what its columns can hold is taken, whatever lists and rules of today say.
    """

    model_config = example(EXPORTED_ORDER)

    allowed_transitions: Annotated[
        list[str], Field(default_factory=list, description="Ignored: it follows from `status`.")
    ]
    lines: Annotated[list[ExportedLine], Field(max_length=MOST_LINES)]
    delivery_addresses: Annotated[list[ExportedAddress], Field(max_length=MOST_LINES)]
    exported: ExportedPast

    @model_validator(mode="after")
    def _has_each_row_once(self) -> Self:
        past = self.exported
        _all_differ("line numbers", [each.line_number for each in self.lines])
        _all_differ("ids of lines", [each.id for each in [*self.lines, *past.former_lines]])
        _all_differ("former lines", [(each.lines_version, each.line_number) for each in past.former_lines])
        _all_differ("versions of the history", [each.to_version for each in past.history])
        if any(each.lines_version == past.lines_version for each in past.former_lines):
            raise ValueError("a former line is not of another linesVersion")
        return self


def _all_differ(what: str, keys: list[object] | list[int] | list[UUID] | list[tuple[int, int]]) -> None:
    if len(set(keys)) != len(keys):
        raise ValueError(f"two {what} are the same")
