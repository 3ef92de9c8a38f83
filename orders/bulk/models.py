"""An order with its whole past in one line: as it is exported, and as it is sent to be made anew."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from chassis.bulk.exported import Version
from chassis.bulk.stored import (
    StoredCurrency,
    StoredFraction,
    StoredInt,
    StoredLine,
    StoredMoney,
    StoredName,
    StoredSku,
    StoredStatus,
    StoredWord,
)
from chassis.types.numbers import PlainDecimal
from chassis.types.schemas import example
from chassis.types.times import Moment, StoredTime
from contracts.sizes import MOST_LINES
from orders.examples import EXPORTED_ORDER
from orders.history_routes import Happening
from orders.representation import Order, OrderLine


def _as_stored(degrees: Decimal) -> Decimal:
    return degrees.quantize(Decimal("0.000001"))


Degrees = Annotated[PlainDecimal, Field(gt=-(10**9), lt=10**9), AfterValidator(_as_stored)]
"""A latitude or a longitude, written as an order's row has it."""


class FormerLine(OrderLine):
    """A line that the order had before its lines were changed; `linesVersion` counts these changes."""

    lines_version: int


class Past(BaseModel):
    """What an order has beside what it shows."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    erased_at: StoredTime | None
    lines_version: int
    former_lines: list[FormerLine]
    history: list[Happening]


class WholeOrder(Order):
    """One order as it is shown, and beside that, as `exported`, the rest of what is known of it."""

    model_config = example(EXPORTED_ORDER)

    exported: Past


class _Sent(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class SentLine(_Sent):
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


class SentFormerLine(SentLine):
    """A line that the order had before its lines were changed."""

    lines_version: Version


class SentAddress(_Sent):
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


class SentHappening(_Sent):
    """Something that was done to the order. `caller` is the name of the client that did it, if it gave one."""

    command: StoredStatus
    caller: Annotated[str, Field(pattern=r"^[\x00-\x7f]{0,100}$")] | None = None
    from_version: Version | None
    to_version: Version
    status: StoredStatus
    reason: StoredLine | None = None
    happened_at: Moment


class SentPast(_Sent):
    """What an order has beside what it shows."""

    erased_at: Moment | None = None
    lines_version: Version
    former_lines: list[SentFormerLine] = []
    history: list[SentHappening] = []


class SentOrder(_Sent):
    """An order as `GET /orders/bulk?complete=true` has it, with its ids, times, version and history.

    It is made as it was: what its columns can hold is taken, whatever lists and rules of today say.
    """

    model_config = example(EXPORTED_ORDER)

    id: UUID
    external_id: StoredName | None = None
    source: StoredWord | None = None
    customer_id: UUID
    status: StoredStatus
    allowed_transitions: Annotated[list[str], Field(description="Not read: it follows from `status`.")] = []
    currency: StoredCurrency
    total: StoredMoney
    freight: StoredMoney
    placed_at: Moment
    required_at: Moment | None = None
    confirmed_at: Moment | None = None
    shipped_at: Moment | None = None
    delivered_at: Moment | None = None
    cancelled_at: Moment | None = None
    cancellation_reason: StoredLine | None = None
    rejected_at: Moment | None = None
    rejection_reason: StoredLine | None = None
    created_at: Moment
    updated_at: Moment
    version: Version
    lines: Annotated[list[SentLine], Field(max_length=MOST_LINES)]
    delivery_addresses: Annotated[list[SentAddress], Field(max_length=MOST_LINES)]
    exported: SentPast

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
