"""What clients send and get of an order, beside its lines (`line_models.py`) and commands (`changes/models.py`)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema, field_validator

from chassis.bulk.exported import Version
from chassis.bulk.stored import StoredCurrency, StoredLine, StoredMoney, StoredName, StoredStatus, StoredWord
from chassis.types.numbers import PlainDecimal
from chassis.types.schemas import component, decimal, example
from chassis.types.text import Line, Word
from chassis.types.times import Moment, StoredTime
from contracts import money
from contracts.orders import OrderStatus
from contracts.sizes import MOST_LINES
from orders.examples import IMPORTED_ORDER, NEW_ORDER, ORDER, ORDER_ID, SUMMARY
from orders.line_models import ImportedOrderLine, NewOrderLine, OrderLine, RequestModel, ResponseModel


def _currency(code: str) -> str:
    if not money.is_known(code):
        raise ValueError("must be an ISO 4217 currency code, such as USD; it may be retired")
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
            description="An ISO 4217 currency code, current or retired.",
        )
    ),
]
"""ISO 4217, such as USD; also a retired one, since imported orders may be old."""

Amount = Annotated[
    PlainDecimal,
    Field(ge=0, max_digits=16, decimal_places=4),
    WithJsonSchema(
        component(
            "Amount", **decimal(12, 4), description="An amount of money, with at most the decimals of its currency."
        )
    ),
]
"""An amount of money: a string (or a number) in JSON."""


def _number(text: object) -> int:
    if not isinstance(text, str) or not re.fullmatch(_A_NUMBER, text):
        raise ValueError("must be an order number, such as 1042")
    return int(text)


_A_NUMBER = r"[1-9][0-9]{0,17}"
MOST_IMPORTED_NUMBER = 10**12 - 1

OrderNumber = Annotated[
    int,
    BeforeValidator(_number),
    WithJsonSchema(
        component(
            "OrderNumber", type="string", pattern=f"^{_A_NUMBER}$", examples=["1042"], description="An order's number."
        )
    ),
]
"""An order's number: digits in JSON and in URLs."""


def _with_reserve(number: int) -> int:
    if number > MOST_IMPORTED_NUMBER:
        raise ValueError(f"must be at most {MOST_IMPORTED_NUMBER}: later orders get higher numbers")
    return number


ImportedNumber = Annotated[
    OrderNumber,
    AfterValidator(_with_reserve),
    WithJsonSchema(
        component(
            "ImportedNumber",
            type="string",
            pattern="^[1-9][0-9]{0,11}$",
            examples=["1042"],
            description="An order's number of at most 12 digits: later orders get higher ones.",
        )
    ),
]
"""The number of an imported order. The numbers of later orders follow the highest, and must be readable, too."""

ReservationId = Annotated[
    UUID | None, Field(description="Id of the inventory's reservation whose units the order takes over.")
]

OrderId = Annotated[UUID, Path(description="The order's id.", examples=[ORDER_ID])]


class NewOrder(RequestModel):
    """A new order of one customer."""

    model_config = example(NEW_ORDER)

    customer_id: UUID
    reservation_id: ReservationId = None
    lines: Annotated[list[NewOrderLine], Field(min_length=1, max_length=MOST_LINES)]


class ImportedOrder(RequestModel):
    """An order from another system, with its number, dates, prices, discounts and status there.

    Without `status`, it follows from the times. Every status requires its time, except for `placed`, `backordered` and
    `partially_shipped`, which have none.
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
        if currency and freight != money.round_amount(freight, currency):
            raise ValueError(f"has more decimals than {currency}")
        return freight


Status = Annotated[
    str,
    WithJsonSchema(
        component(
            "Status",
            type="string",
            examples=list(OrderStatus),
            description=f"The order's status: {', '.join(OrderStatus)}; others may be added.",
        )
    ),
]
"""A stored status; it is not validated when it is read."""


class OrderAddress(ResponseModel):
    """A delivery address as of placing the order; only city, region and country if the customer is erased."""

    id: UUID
    recipient: str | None
    company: str | None
    phone: str | None
    street_type: str | None
    street: str | None
    number: str | None
    building: str | None
    department: str | None
    reference: str | None
    city: str
    region: str | None
    postal_code: str | None
    country: str
    latitude: float | None
    longitude: float | None


class OrderSummary(ResponseModel):
    """An order without its lines. Amounts are strings with the decimals of the currency.

    `number` is the order's name for people; numbers increase, with gaps. `subtotal` is the sum of the lines; `total` is
    what is to be paid: `subtotal` and `freight`. `allowedTransitions` are the statuses that a command can
    lead to now. Those that follow from shipments under way, or that lack units, are not among them; this changes with
    the shipments, without a new version of the order.
    """

    model_config = example(SUMMARY)

    id: UUID
    number: str
    external_id: str | None
    source: str | None
    customer_id: UUID
    reservation_id: ReservationId
    status: Status
    allowed_transitions: list[OrderStatus]
    currency: str
    subtotal: str
    freight: str
    total: str
    placed_at: StoredTime
    required_at: StoredTime | None
    confirmed_at: StoredTime | None
    shipped_at: StoredTime | None
    delivered_at: StoredTime | None
    cancelled_at: StoredTime | None
    cancellation_reason: str | None
    rejected_at: StoredTime | None
    rejection_reason: str | None
    created_at: StoredTime
    updated_at: StoredTime
    version: int


class Order(OrderSummary):
    """One order with its lines and delivery addresses."""

    model_config = example(ORDER)

    lines: list[OrderLine]
    delivery_addresses: list[OrderAddress]


class OrderColumns(RequestModel):
    """The columns of an order that an export has as members of the same name.

    Validated only against what the columns can hold, not against current rules.
    """

    id: UUID
    number: ImportedNumber | None = None
    external_id: StoredName | None = None
    source: StoredWord | None = None
    customer_id: UUID
    reservation_id: UUID | None = None
    status: StoredStatus
    currency: StoredCurrency
    subtotal: StoredMoney
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
