"""What clients send to change an order."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, WithJsonSchema

from chassis.types.postal_addresses import PostalAddress
from chassis.types.products import Price
from chassis.types.schemas import example
from chassis.types.text import Line
from contracts.orders import DeliveryAddress
from contracts.sizes import MOST_LINES
from orders.changes.lines import LineChange
from orders.examples import CHANGED_LINES, CORRECTED_ADDRESS, REASON
from orders.line_models import Discount, Quantity, RequestModel
from orders.references import LineRequest

_ANY_SKU = r"^[ -~]{1,64}$"
"""What an order may have from when SKUs had another form: its lines can be kept, whatever they are."""


_Shown = Annotated[Any, WithJsonSchema({"description": "As the order shows it. It is not looked at."})]


class LineUpdate(RequestModel):
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

    def changed(self) -> LineChange:
        """The line as the rules know it."""
        requested = LineRequest(
            self.sku, self.quantity, self.delivery_address_id, self.unit_price, self.discount or Decimal(0)
        )
        return LineChange(requested, self.id, keeps_discount=self.discount is None)


class LinesUpdate(RequestModel):
    """All lines that an order is to have. Those left out are gone."""

    model_config = example(CHANGED_LINES)

    lines: Annotated[list[LineUpdate], Field(min_length=1, max_length=MOST_LINES)]


class AddressCorrection(PostalAddress):
    """What one of the addresses that an order goes to says from now on, all of it: what is not said is not there."""

    model_config = example(CORRECTED_ADDRESS)

    delivery_address_id: Annotated[UUID, Field(description="One of the order's `deliveryAddresses`.")]

    def corrected(self) -> DeliveryAddress:
        """The address as the rules know it."""
        return DeliveryAddress(address_id=self.delivery_address_id, **self.model_dump(exclude={"delivery_address_id"}))


class Reason(RequestModel):
    """Why an order is cancelled or rejected."""

    model_config = example(REASON)

    reason: Line | None = None
