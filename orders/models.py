"""What a client sends to `orders` and gets from it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from chassis.numbers import PlainDecimal
from chassis.text import Line, Word
from chassis.times import Moment, StoredTime
from contracts import money
from contracts.orders import OrderStatus

MOST_LINES = 500
MOST_UNITS = 1_000_000


def _currency(code: str) -> str:
    money.decimals(code)
    return code


Currency = Annotated[str, Field(min_length=3, max_length=3), AfterValidator(_currency)]
"""ISO 4217, such as USD."""

Amount = Annotated[PlainDecimal, Field(ge=0, max_digits=16, decimal_places=4)]
"""An amount of money: a string (or a number) in JSON."""

Discount = Annotated[PlainDecimal, Field(ge=0, le=1, decimal_places=4)]
"""A fraction of the price: 0.15 is 15 % off."""

Sku = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class _Asked(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class _Answered(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class NewOrderLine(_Asked):
    """One line of a new order. `unitPrice` is the price that was shown: when it is no longer true, 409."""

    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=MOST_UNITS, strict=True)]
    delivery_address_id: UUID
    unit_price: Amount | None = None


class NewOrder(_Asked):
    """A new order of one customer."""

    customer_id: UUID
    lines: Annotated[list[NewOrderLine], Field(min_length=1, max_length=MOST_LINES)]


class ImportedOrderLine(_Asked):
    """One line as it was charged in the former system."""

    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=MOST_UNITS, strict=True)]
    unit_price: Amount
    discount: Discount = Decimal(0)
    delivery_address_id: UUID


class ImportedOrder(_Asked):
    """An order taken over from another system, with its number, dates, prices and discounts there."""

    external_id: Word
    customer_id: UUID
    currency: Currency
    placed_at: Moment
    required_at: Moment | None = None
    shipped_at: Moment | None = None
    freight: Amount = Decimal(0)
    lines: Annotated[list[ImportedOrderLine], Field(min_length=1, max_length=MOST_LINES)]

    @model_validator(mode="after")
    def _is_consistent(self) -> ImportedOrder:
        if self.shipped_at and self.shipped_at < self.placed_at:
            raise ValueError("shippedAt is before placedAt")
        exponent = Decimal(1).scaleb(-money.decimals(self.currency))
        if self.freight != self.freight.quantize(exponent):
            raise ValueError(f"freight has more decimals than {self.currency}")
        return self


class Cancellation(_Asked):
    """Why an order is cancelled."""

    reason: Line | None = None


class OrderLine(_Answered):
    """One line of an order, as it was placed."""

    id: UUID
    line_number: int
    sku: str
    product_name: str
    quantity: int
    unit_price: str
    discount: str
    amount: str
    delivery_address_id: UUID


class Order(_Answered):
    """One order. Amounts are strings with the currency's decimals; `total` is the sum of the lines, without freight."""

    id: UUID
    external_id: str | None
    customer_id: UUID
    status: OrderStatus
    currency: str
    total: str
    freight: str
    placed_at: StoredTime
    required_at: StoredTime | None
    shipped_at: StoredTime | None
    cancelled_at: StoredTime | None
    cancellation_reason: str | None
    created_at: StoredTime
    updated_at: StoredTime
    version: int
    lines: list[OrderLine]
