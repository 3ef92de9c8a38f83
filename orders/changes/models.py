"""What clients send to change an order."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, WithJsonSchema

from chassis.types.postal_addresses import PostalAddress
from chassis.types.products import AnySku, Price
from chassis.types.schemas import example
from chassis.types.text import Line
from contracts.orders import DeliveryAddress
from contracts.sizes import MOST_LINES
from orders.changes.lines import LineChange
from orders.examples import CHANGED_LINES, CORRECTED_ADDRESS, REASON
from orders.line_models import Discount, Quantity, RequestModel
from orders.replica.references import LineRequest

_Shown = Annotated[
    Any, WithJsonSchema({"description": "Ignored; accepted so that a line can be sent back as it was read."})
]


class LineUpdate(RequestModel):
    """One line of the new list. With an `id`, an existing line, which keeps its terms.

    `unitPrice` is the price that the client showed, as for a new order. Other members of a line are ignored.
    """

    id: Annotated[UUID | None, Field(description="Id of an existing line; omit it for a new line.")] = None
    sku: AnySku
    quantity: Quantity
    delivery_address_id: UUID
    unit_price: Price | None = None
    discount: Annotated[
        Discount | None, Field(description="If omitted, an existing line keeps its discount and a new one has none.")
    ] = None
    line_number: _Shown = None
    product_name: _Shown = None
    amount: _Shown = None

    def changed(self) -> LineChange:
        """The line as an argument of the rules."""
        requested = LineRequest(
            self.sku, self.quantity, self.delivery_address_id, self.unit_price, self.discount or Decimal(0)
        )
        return LineChange(requested, self.id, keeps_discount=self.discount is None)


class LinesUpdate(RequestModel):
    """All lines of the order. Lines that are not included are removed."""

    model_config = example(CHANGED_LINES)

    lines: Annotated[list[LineUpdate], Field(min_length=1, max_length=MOST_LINES)]


class AddressCorrection(PostalAddress):
    """The corrected delivery address, complete: members that are omitted are cleared."""

    model_config = example(CORRECTED_ADDRESS)

    delivery_address_id: Annotated[UUID, Field(description="One of the order's `deliveryAddresses`.")]

    def corrected(self) -> DeliveryAddress:
        """The address as an argument of the rules."""
        return DeliveryAddress(address_id=self.delivery_address_id, **self.model_dump(exclude={"delivery_address_id"}))


class Reason(RequestModel):
    """The reason of a cancellation or rejection."""

    model_config = example(REASON)

    reason: Line | None = None
