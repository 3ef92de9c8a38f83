"""The topic of whole, joined orders, written by `orders_stream` alone: what a subscriber needs to show an order.

A message is repeated rather than lost. A reader that keeps the highest `version` of each order is right, however often
and in whatever order messages arrive.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from contracts.orders import OrderStatus
from contracts.topics import Kind, Topic


class Document(msgspec.Struct, kw_only=True, frozen=True, rename="camel"):
    """A part of the joined order; field names are as GraphQL shows them."""


class GraphCustomer(Document, kw_only=True, frozen=True, rename="camel"):
    """Who ordered, as known when the message was written."""

    id: UUID
    name: str
    last_name: str
    email: str
    company: str | None


class GraphAddress(Document, kw_only=True, frozen=True, rename="camel"):
    """Where a line goes, as known when the message was written."""

    id: UUID
    street: str
    number: str | None
    city: str
    region: str | None
    postal_code: str | None
    country: str


class GraphLine(Document, kw_only=True, frozen=True, rename="camel"):
    """One line of the order, as it was placed."""

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
    """One whole order. A deleted one has `deleted` true and no lines."""

    id: UUID
    version: int
    deleted: bool
    status: OrderStatus
    currency: str
    total: Decimal
    freight: Decimal
    placed_at: datetime
    cancelled_at: datetime | None
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
)
