"""An order with its whole past in one line: as it is exported, and as it is sent to be made anew."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from chassis.exported import Version
from chassis.numbers import PlainDecimal
from chassis.schemas import example
from chassis.text import Line, Word
from chassis.times import Moment, StoredTime
from contracts import money
from contracts.orders import OrderStatus
from contracts.sizes import MOST_LINES
from orders.answers import Order, OrderLine
from orders.examples import EXPORTED_ORDER
from orders.history_routes import Happening
from orders.models import Discount, Quantity, Sku


def _known(currency: str) -> str:
    money.decimals(currency)
    return currency


def _as_stored(degrees: Decimal | None) -> Decimal | None:
    return None if degrees is None else degrees.quantize(Decimal("0.000001"))


Currency = Annotated[str, Field(min_length=3, max_length=3), AfterValidator(_known)]
"""A currency that an order may have been placed in."""

Amount = Annotated[PlainDecimal, Field(ge=0, lt=10**15, decimal_places=4)]
"""An amount, exactly as it is stored."""

Degrees = Annotated[PlainDecimal, AfterValidator(_as_stored)]


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
    line_number: Annotated[int, Field(ge=1, le=MOST_LINES, strict=True)]
    sku: Sku
    product_name: Line
    quantity: Quantity
    unit_price: Amount
    discount: Discount
    amount: Amount
    delivery_address_id: UUID


class SentFormerLine(SentLine):
    """A line that the order had before its lines were changed."""

    lines_version: Version


class SentAddress(_Sent):
    """Where lines go, as it was when the order was placed. Of an erased person, only city, region and country stay."""

    id: UUID
    street_type: Word | None = None
    street: Line | None = None
    number: Word | None = None
    building: Line | None = None
    department: Line | None = None
    reference: Line | None = None
    city: Line
    region: Line | None = None
    postal_code: Word | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    latitude: Degrees | None = None
    longitude: Degrees | None = None


class SentHappening(_Sent):
    """Something that was done to the order."""

    command: Annotated[str, Field(pattern="^[a-z][a-z-]{0,19}$")]
    caller: Annotated[str, Field(pattern="^[ -~]{0,100}$")]
    from_version: Version | None
    to_version: Version
    status: OrderStatus
    reason: Line | None = None
    happened_at: Moment


class SentPast(_Sent):
    """What an order has beside what it shows."""

    erased_at: Moment | None = None
    lines_version: Version
    former_lines: list[SentFormerLine] = []
    history: list[SentHappening] = []


class SentOrder(_Sent):
    """An order as `GET /orders/bulk?complete=true` has it, with its ids, times, version and history."""

    model_config = example(EXPORTED_ORDER)

    id: UUID
    external_id: Word | None = None
    source: Word | None = None
    customer_id: UUID
    status: OrderStatus
    allowed_transitions: Annotated[list[OrderStatus], Field(description="Not read: it follows from `status`.")] = []
    currency: Currency
    total: Amount
    freight: Amount
    placed_at: Moment
    required_at: Moment | None = None
    confirmed_at: Moment | None = None
    shipped_at: Moment | None = None
    delivered_at: Moment | None = None
    cancelled_at: Moment | None = None
    cancellation_reason: Line | None = None
    rejected_at: Moment | None = None
    rejection_reason: Line | None = None
    created_at: Moment
    updated_at: Moment
    version: Version
    lines: Annotated[list[SentLine], Field(max_length=MOST_LINES)]
    delivery_addresses: Annotated[list[SentAddress], Field(max_length=MOST_LINES)]
    exported: SentPast

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.total != sum((line.amount for line in self.lines), Decimal(0)):
            raise ValueError("total is not the sum of the lines' amounts")
        past = self.exported
        _all_differ("line numbers", [each.line_number for each in self.lines])
        _all_differ("ids of lines", [each.id for each in [*self.lines, *past.former_lines]])
        _all_differ("former lines", [(each.lines_version, each.line_number) for each in past.former_lines])
        _all_differ("versions of the history", [each.to_version for each in past.history])
        if any(each.lines_version >= past.lines_version for each in past.former_lines):
            raise ValueError("a former line is not of an earlier linesVersion")
        if self.source and not self.external_id:
            raise ValueError("a source needs an externalId")
        return self


def _all_differ(what: str, keys: list[object] | list[int] | list[UUID] | list[tuple[int, int]]) -> None:
    if len(set(keys)) != len(keys):
        raise ValueError(f"two {what} are the same")
