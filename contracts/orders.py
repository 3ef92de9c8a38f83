"""The topics of orders: `order` and `order_detail` with their rows, `orders-graph` with the joined document.

Kafka Connect writes the rows from the `orders` database. Both topics have the key `{"order_id": …}`, so that an order
and its lines are in the same partition number and one worker sees them all. `orders_stream` alone writes the joined
documents: every complete version of an order, in order. A message is repeated rather than lost. A reader that keeps
the highest `version` of each order is right, however often and in whatever order messages arrive; of two with the same
version, the later one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import msgspec

from contracts.rows import Row
from contracts.topics import Kind, Topic


class OrderStatus(StrEnum):
    """The status of an order. Databases and topics may contain other values, which are read as text."""

    PLACED = "placed"
    BACKORDERED = "backordered"
    CONFIRMED = "confirmed"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


NEXT_STATUSES: Mapping[OrderStatus, tuple[OrderStatus, ...]] = {
    OrderStatus.PLACED: (
        OrderStatus.CONFIRMED,
        OrderStatus.BACKORDERED,
        OrderStatus.REJECTED,
        OrderStatus.CANCELLED,
    ),
    OrderStatus.BACKORDERED: (
        OrderStatus.CONFIRMED,
        OrderStatus.REJECTED,
        OrderStatus.CANCELLED,
        OrderStatus.PLACED,
    ),
    OrderStatus.CONFIRMED: (OrderStatus.SHIPPED, OrderStatus.CANCELLED),
    OrderStatus.PARTIALLY_SHIPPED: (OrderStatus.SHIPPED,),
    OrderStatus.SHIPPED: (OrderStatus.DELIVERED,),
    OrderStatus.DELIVERED: (),
    OrderStatus.CANCELLED: (),
    OrderStatus.REJECTED: (),
}
"""The statuses that can follow each status by hand, unless shipments or stock stand against it: see
`next_statuses.py`. `orders/statuses/life_cycle.py` has the commands that lead to them.
"""


class DeliveryAddress(msgspec.Struct, kw_only=True, frozen=True, gc=False):
    """A delivery address of an order, as it was when the order was placed.

    Once the customer is erased, only the city, the region and the country remain.
    """

    address_id: UUID
    recipient: str | None = None
    company: str | None = None
    phone: str | None = None
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
    latitude: Decimal | None
    longitude: Decimal | None


read_addresses = msgspec.json.Decoder(list[DeliveryAddress]).decode
"""Decode the delivery addresses of an order's row. Raises `msgspec.MsgspecError` if the JSON is invalid."""


class OrderRow(Row, kw_only=True, frozen=True):
    """One order. Its lines are on `order_detail`; it is complete once `line_count` lines of `lines_version` arrived.

    `number` is its name for people; numbers are unique and increase, with gaps. `subtotal` is the sum of the lines'
    amounts, without `freight`, the shipping charge. `external_id` is the order's number in the system it was imported
    from, and `source` the name of that system, or "". `delivery_addresses` is JSON text, one object for each address of
    the current lines; it is on this row, not on the lines, because `order_detail` is kept forever. `erased_at` is when
    personal data was removed. `reservation_id` is the reservation of inventory whose units the order takes over. Older
    records lack the fields with a default.
    """

    PERSONAL: ClassVar[Mapping[str, object]] = {"delivery_addresses": "[]"}

    FORMER_NAMES: ClassVar[Mapping[str, str]] = {"total": "subtotal"}

    order_id: UUID
    external_id: str | None = None
    customer_id: UUID
    status: str
    currency: str
    subtotal: Decimal
    freight: Decimal
    lines_version: int
    line_count: int
    placed_at: datetime
    required_at: datetime | None = None
    shipped_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancellation_reason: str | None = None
    created_at: datetime
    updated_at: datetime
    confirmed_at: datetime | None = None
    delivered_at: datetime | None = None
    rejected_at: datetime | None = None
    rejection_reason: str | None = None
    erased_at: datetime | None = None
    delivery_addresses: str = "[]"
    source: str = ""
    number: int | None = None
    reservation_id: UUID | None = None

    def __post_init__(self) -> None:
        """Raises like all rows, and `msgspec.MsgspecError` if `delivery_addresses` is invalid."""
        super().__post_init__()
        self.addresses()

    @property
    def total(self) -> Decimal:
        """What is to be paid: goods and freight."""
        return self.subtotal + self.freight

    def addresses(self) -> list[DeliveryAddress]:
        """The delivery addresses, decoded."""
        return read_addresses(self.delivery_addresses)


class OrderDetailRow(Row, kw_only=True, frozen=True):
    """One line of one order, never updated: a change writes new lines under the order's next `lines_version`.

    `unit_price` and `product_name` are as they were when the order was placed. `discount` is a fraction of 1. `amount`
    is quantity x unit price x (1 - discount), rounded to the currency's decimals.
    """

    order_detail_id: UUID
    order_id: UUID
    lines_version: int
    line_number: int
    sku: str
    product_name: str
    quantity: int
    unit_price: Decimal
    discount: Decimal
    amount: Decimal
    delivery_address_id: UUID


class Document(msgspec.Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    """A part of the joined document; JSON names are those of GraphQL."""


class GraphCustomer(Document, kw_only=True, frozen=True, rename="camel"):
    """The customer, as of writing the message."""

    id: UUID
    name: str | None
    last_name: str | None
    email: str | None
    company: str | None


class GraphAddress(Document, kw_only=True, frozen=True, rename="camel"):
    """A line's delivery address as of placing the order; only city, region and country if the customer is erased."""

    recipient: str | None = None
    company: str | None = None
    phone: str | None = None
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
    """One line of the order, as of placing it."""

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
    """One complete order. A deleted one has `deleted` true, no customer and no lines.

    It is written again with the same version when its customer is created, changed or deleted. `subtotal` is the sum
    of the lines' amounts, `total` is what is to be paid: `subtotal` and `freight`. Older messages lack the fields that
    have a default; those without `subtotal` have it as `total`.
    """

    FORMER_NAMES: ClassVar[Mapping[str, str]] = {"total": "subtotal"}

    id: UUID
    version: int
    deleted: bool
    status: str
    currency: str
    subtotal: Decimal
    freight: Decimal
    total: Decimal = Decimal(0)
    placed_at: datetime
    number: str | None = None
    external_id: str | None = None
    source: str | None = None
    required_at: datetime | None = None
    created_at: datetime | None = None
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

    def __post_init__(self) -> None:
        """The total follows from its parts, also in older messages."""
        msgspec.structs.force_setattr(self, "total", self.subtotal + self.freight)

    @property
    def newest_version(self) -> int:
        """The version that readers compare, as that of rows."""
        return self.version


ORDER: Topic[OrderRow] = Topic(
    name="order",
    kind=Kind.STATE,
    message=OrderRow,
    key="order_id",
    identity="order_id",
    writer="connect:oms-orders",
    readers=("orders_stream", "inventory"),
    is_personal=True,
)

ORDER_DETAIL: Topic[OrderDetailRow] = Topic(
    name="order_detail",
    kind=Kind.LOG,
    message=OrderDetailRow,
    key="order_id",
    identity="order_detail_id",
    writer="connect:oms-orders",
    readers=("orders_stream", "inventory"),
)

ORDERS_GRAPH: Topic[OrderGraph] = Topic(
    name="orders-graph",
    kind=Kind.STATE,
    message=OrderGraph,
    key="id",
    identity="id",
    writer="orders_stream",
    readers=("gateway", "shipping"),
    is_personal=True,
)
