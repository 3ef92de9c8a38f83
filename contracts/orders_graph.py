"""The topic of whole, joined orders, written only by `orders_stream`: all that a subscriber needs of an order.

Every whole version of an order is written, in order and at least once. A reader should keep the message with the
highest `version` of each order, and of equal versions the later one; then repetitions and reordering do not matter.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from contracts.topics import Kind, Topic


class Document(msgspec.Struct, kw_only=True, frozen=True, rename="camel"):
    """A part of the joined order; field names are those of GraphQL."""


class GraphCustomer(Document, kw_only=True, frozen=True, rename="camel"):
    """The customer as of the time of the message."""

    id: UUID
    name: str
    last_name: str
    email: str
    company: str | None


class GraphAddress(Document, kw_only=True, frozen=True, rename="camel"):
    """The delivery address of a line as of the order; after the customer is erased only its coarse parts."""

    street_type: str | None = None
    street: str | None
    number: str | None
    building: str | None = None
    department: str | None = None
    reference: str | None = None
    city: str
    region: str | None
    postal_code: str | None
    country: str
    latitude: Decimal | None = None
    longitude: Decimal | None = None


class GraphLine(Document, kw_only=True, frozen=True, rename="camel"):
    """A line of the order as placed."""

    id: UUID
    line_number: int
    sku: str
    product_name: str
    quantity: int
    unit_price: Decimal
    discount: Decimal
    amount: Decimal
    delivery_address_id: UUID
    delivery_address: GraphAddress | None


class OrderGraph(Document, kw_only=True, frozen=True, rename="camel"):
    """A whole order. A deleted one has `deleted` true, no customer and no lines.

    When its customer arrives, changes or is deleted, it is written again with the same version. Older messages have
    none of the fields with a default.
    """

    id: UUID
    version: int
    deleted: bool
    status: str
    currency: str
    total: Decimal
    freight: Decimal
    placed_at: datetime
    external_id: str | None = None
    required_at: datetime | None = None
    updated_at: datetime | None = None
    confirmed_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None
    cancellation_reason: str | None = None
    rejected_at: datetime | None = None
    rejection_reason: str | None = None
    customer_id: UUID
    customer: GraphCustomer | None
    lines: list[GraphLine]


ORDERS_GRAPH: Topic[OrderGraph] = Topic(
    name="orders-graph",
    kind=Kind.STATE,
    message=OrderGraph,
    key="id",
    identity="id",
    writer="orders_stream",
    readers=("gateway",),
    is_personal=True,
)
