"""An order with its former lines and history in one JSON line: as it is exported, and as it is imported again."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from chassis.bulk.exported import Version
from chassis.bulk.stored import StoredFraction, StoredInt, StoredLine, StoredMoney, StoredSku, StoredStatus, StoredText
from chassis.types.numbers import PlainDecimal
from chassis.types.schemas import example
from chassis.types.times import Moment, StoredTime
from contracts.sizes import MOST_LINES
from orders.examples import EXPORTED_ORDER
from orders.line_models import OrderLine, RequestModel, ResponseModel
from orders.models import Order, OrderColumns
from orders.statuses.history_routes import HistoryEntry


def _as_stored(degrees: Decimal) -> Decimal:
    return degrees.quantize(Decimal("0.000001"))


Degrees = Annotated[PlainDecimal, Field(gt=-(10**9), lt=10**9), AfterValidator(_as_stored)]
"""A latitude or longitude with six decimals, as in an order's row."""


class FormerLine(OrderLine):
    """A line from before a change of the order's lines; `linesVersion` counts these changes."""

    lines_version: int


class Past(ResponseModel):
    """The data of an order that `GET /orders/{id}` does not show."""

    erased_at: StoredTime | None
    lines_version: int
    former_lines: list[FormerLine]
    history: list[HistoryEntry]


class CompleteOrder(Order):
    """One order with all its data: the rest is in `exported`."""

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
    """A line from before a change of the order's lines."""

    lines_version: Version


class ExportedAddress(RequestModel):
    """A delivery address as of placing the order; only city, region and country if the customer is erased.

    The total size of an order's addresses is limited.
    """

    id: UUID
    recipient: StoredText | None = None
    company: StoredText | None = None
    phone: StoredText | None = None
    street_type: StoredText | None = None
    street: StoredText | None = None
    number: StoredText | None = None
    building: StoredText | None = None
    department: StoredText | None = None
    reference: StoredText | None = None
    city: StoredText
    region: StoredText | None = None
    postal_code: StoredText | None = None
    country: StoredText
    latitude: Degrees | None = None
    longitude: Degrees | None = None


class ExportedHistoryEntry(RequestModel):
    """One command in the order's history. `caller` is the name of the client, if it sent one."""

    command: StoredStatus
    caller: Annotated[str, Field(pattern=r"^[\x01-\x7f]{0,100}$")] | None = None
    from_version: Version | None
    to_version: Version
    status: StoredStatus
    reason: StoredLine | None = None
    happened_at: Moment


class ExportedPast(RequestModel):
    """The data of an order that `GET /orders/{id}` does not show."""

    erased_at: Moment | None = None
    lines_version: Version
    former_lines: Annotated[list[ExportedFormerLine], Field(default_factory=list)]
    history: Annotated[list[ExportedHistoryEntry], Field(default_factory=list)]


class ExportedOrder(OrderColumns):
    """An order as `GET /orders/bulk?complete=true` exports it, with its ids, times, version and history.

    It is created as it was. Values are validated only against what the columns can hold, not against current rules.
    """

    model_config = example(EXPORTED_ORDER)

    allowed_transitions: Annotated[
        list[StoredText], Field(default_factory=list, description="Ignored: it follows from the rest.")
    ]
    total: Annotated[StoredMoney | None, Field(description="Optional: the sum of `subtotal` and `freight`.")] = None
    lines: Annotated[list[ExportedLine], Field(max_length=MOST_LINES)]
    delivery_addresses: Annotated[list[ExportedAddress], Field(max_length=MOST_LINES)]
    exported: ExportedPast

    @field_validator("total")
    @classmethod
    def _is_the_sum(cls, total: Decimal | None, info: ValidationInfo) -> Decimal | None:
        match info.data:
            case {"subtotal": Decimal() as goods, "freight": Decimal() as freight} if total not in (
                None,
                goods + freight,
            ):
                raise ValueError("must be the sum of subtotal and freight")
        return total

    @model_validator(mode="after")
    def _has_each_row_once(self) -> Self:
        past = self.exported
        _all_differ("line numbers", [each.line_number for each in self.lines])
        _all_differ("ids of lines", [each.id for each in [*self.lines, *past.former_lines]])
        _all_differ("former lines", [(each.lines_version, each.line_number) for each in past.former_lines])
        _all_differ("versions of the history", [each.to_version for each in past.history])
        if any(each.lines_version == past.lines_version for each in past.former_lines):
            raise ValueError("a former line has the current linesVersion")
        return self


def _all_differ(what: str, keys: list[object] | list[int] | list[UUID] | list[tuple[int, int]]) -> None:
    if len(set(keys)) != len(keys):
        raise ValueError(f"duplicate {what}")
