"""What a client sends to `orders`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic.alias_generators import to_camel

from chassis.types.numbers import PlainDecimal, whole
from chassis.types.postal_addresses import PostalAddress
from chassis.types.products import Price, Sku
from chassis.types.schemas import component, decimal, example
from chassis.types.text import Line, Word
from chassis.types.times import Moment
from contracts import money
from contracts.orders import DeliveryAddress, OrderStatus
from contracts.sizes import MOST_LINES
from orders.changes.lines import ChangedLine
from orders.examples import CHANGED_LINES, CORRECTED_ADDRESS, IMPORTED_ORDER, NEW_ORDER, ORDER_ID, REASON
from orders.references import AskedLine

MOST_UNITS = 1_000_000


_ANY_SKU = r"^[ -~]{1,64}$"
"""What an order may have from when SKUs had another form: its lines can be kept, whatever they are."""


def _currency(code: str) -> str:
    if not money.is_known(code):
        raise ValueError("must be a currency of ISO 4217 in three letters, such as USD; it may be retired")
    return code


Currency = Annotated[
    str,
    Field(min_length=3, max_length=3),
    AfterValidator(_currency),
    WithJsonSchema(
        component(
            "Currency",
            type="string",
            enum=money.known_currencies(),
            description="A currency of ISO 4217 in three letters; of the past, one that is retired too.",
        )
    ),
]
"""ISO 4217, such as USD; also a retired one, since this is of orders that were placed before."""

Amount = Annotated[
    PlainDecimal,
    Field(ge=0, max_digits=16, decimal_places=4),
    WithJsonSchema(
        component("Amount", **decimal(12, 4), description="An amount of money, with at most its currency's decimals.")
    ),
]
"""An amount of money: a string (or a number) in JSON."""

Discount = Annotated[
    PlainDecimal,
    Field(ge=0, le=1, decimal_places=4),
    WithJsonSchema(
        component("Discount", **decimal(1, 4, most=1), description="A fraction of the price: 0.15 is 15 % off.")
    ),
]
"""A fraction of the price: 0.15 is 15 % off."""

Quantity = Annotated[int, Field(ge=1, le=MOST_UNITS, strict=True), BeforeValidator(whole)]

OrderId = Annotated[UUID, Path(description="The order's id.", examples=[ORDER_ID])]

_Shown = Annotated[Any, WithJsonSchema({"description": "As the order shows it. It is not looked at."})]


class _Asked(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class NewOrderLine(_Asked):
    """One line of an order. `unitPrice` is the price that was shown: when it is no longer true, 409."""

    sku: Sku
    quantity: Quantity
    delivery_address_id: UUID
    unit_price: Price | None = None
    discount: Discount = Decimal(0)

    def asked(self) -> AskedLine:
        """The line as the rules know it."""
        return AskedLine(self.sku, self.quantity, self.delivery_address_id, self.unit_price, self.discount)


NewLines = Annotated[list[NewOrderLine], Field(min_length=1, max_length=MOST_LINES)]


class NewOrder(_Asked):
    """A new order of one customer."""

    model_config = example(NEW_ORDER)

    customer_id: UUID
    lines: NewLines


class ChangedOrderLine(_Asked):
    """One line that an order is to have. With its `id`, a line that it has already: that one keeps what it says.

    `unitPrice` is the price that was shown, as for a new order. What the order shows of a line beside these may be sent
    back with it, and is not looked at.
    """

    id: Annotated[UUID | None, Field(description="Of a line as the order shows it now. A line without is new.")] = None
    sku: Annotated[str, Field(pattern=_ANY_SKU)]
    quantity: Quantity
    delivery_address_id: UUID
    unit_price: Price | None = None
    discount: Annotated[
        Discount | None, Field(description="Without, a line keeps what it has, and a new one has none.")
    ] = None
    line_number: _Shown = None
    product_name: _Shown = None
    amount: _Shown = None

    def changed(self) -> ChangedLine:
        """The line as the rules know it."""
        asked = AskedLine(
            self.sku, self.quantity, self.delivery_address_id, self.unit_price, self.discount or Decimal(0)
        )
        return ChangedLine(asked, self.id, keeps_discount=self.discount is None)


class ChangedLines(_Asked):
    """All lines that an order is to have. Those left out are gone."""

    model_config = example(CHANGED_LINES)

    lines: Annotated[list[ChangedOrderLine], Field(min_length=1, max_length=MOST_LINES)]


class CorrectedAddress(PostalAddress):
    """What one of the addresses that an order goes to says from now on, all of it: what is not said is not there."""

    model_config = example(CORRECTED_ADDRESS)

    delivery_address_id: Annotated[UUID, Field(description="One of the order's `deliveryAddresses`.")]

    def corrected(self) -> DeliveryAddress:
        """The address as the rules know it."""
        return DeliveryAddress(address_id=self.delivery_address_id, **self.model_dump(exclude={"delivery_address_id"}))


class ImportedOrderLine(_Asked):
    """One line as it was charged in the former system."""

    sku: Sku
    quantity: Quantity
    unit_price: Price
    discount: Discount = Decimal(0)
    delivery_address_id: UUID

    def asked(self) -> AskedLine:
        """The line as the rules know it."""
        return AskedLine(self.sku, self.quantity, self.delivery_address_id, self.unit_price, self.discount)


class ImportedOrder(_Asked):
    """An order taken over from another system, with its number, dates, prices, discounts and status there.

    Without `status`, its times say it. Every status but `placed` has its time.
    """

    model_config = example(IMPORTED_ORDER)

    external_id: Word
    source: Word | None = None
    customer_id: UUID
    status: OrderStatus | None = None
    currency: Currency
    placed_at: Moment
    required_at: Moment | None = None
    confirmed_at: Moment | None = None
    shipped_at: Moment | None = None
    delivered_at: Moment | None = None
    cancelled_at: Moment | None = None
    cancellation_reason: Line | None = None
    rejected_at: Moment | None = None
    rejection_reason: Line | None = None
    freight: Amount = Decimal(0)
    lines: Annotated[list[ImportedOrderLine], Field(min_length=1, max_length=MOST_LINES)]

    @field_validator("freight")
    @classmethod
    def _has_the_currency_s_decimals(cls, freight: Decimal, info: ValidationInfo) -> Decimal:
        currency = info.data.get("currency")
        if currency and freight != money.rounded(freight, currency):
            raise ValueError(f"has more decimals than {currency}")
        return freight


class Reason(_Asked):
    """Why an order is cancelled or rejected."""

    model_config = example(REASON)

    reason: Line | None = None
