"""What clients send and get of an order's lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

from chassis.types.numbers import PlainDecimal, whole
from chassis.types.products import Price, Sku
from chassis.types.schemas import component, decimal
from orders.replica.references import LineRequest

MOST_UNITS = 1_000_000


Discount = Annotated[
    PlainDecimal,
    Field(ge=0, le=1, decimal_places=4),
    WithJsonSchema(
        component("Discount", **decimal(1, 4, most=1), description="Discount as a fraction of the price: 0.15 is 15 %.")
    ),
]
"""Discount as a fraction of the price: 0.15 is 15 %."""

Quantity = Annotated[int, Field(ge=1, le=MOST_UNITS, strict=True), BeforeValidator(whole)]


class RequestModel(BaseModel):
    """What a client sends: its members in camel case, and no others."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class ResponseModel(BaseModel):
    """What a client gets: its members in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class NewOrderLine(RequestModel):
    """One line of an order. `unitPrice` is the price that the client showed: 409 if it is not the current price."""

    sku: Sku
    quantity: Quantity
    delivery_address_id: UUID
    unit_price: Price | None = None
    discount: Discount = Decimal(0)

    def request(self) -> LineRequest:
        """The line as an argument of the rules."""
        return LineRequest(self.sku, self.quantity, self.delivery_address_id, self.unit_price, self.discount)


class ImportedOrderLine(RequestModel):
    """One line as it was charged in the other system."""

    sku: Sku
    quantity: Quantity
    unit_price: Price
    discount: Discount = Decimal(0)
    delivery_address_id: UUID

    def request(self) -> LineRequest:
        """The line as an argument of the rules."""
        return LineRequest(self.sku, self.quantity, self.delivery_address_id, self.unit_price, self.discount)


class OrderLine(ResponseModel):
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
