"""Topics that Kafka Connect writes from the `orders` database: the current orders and their lines.

Both have the key `{"order_id": …}`, so that an order and its lines have the same partition number and are read by
one worker.
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
    """The states of an order. Rows and topics may have other values, so they are read as text."""

    PLACED = "placed"
    CONFIRMED = "confirmed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


class DeliveryAddress(msgspec.Struct, kw_only=True, frozen=True):
    """A delivery address of an order, as it was when the order was placed.

    After the customer is erased, only the city, the region and the country stay.
    """

    address_id: UUID
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
"""Decodes the delivery addresses in an order's row. Raises `msgspec.MsgspecError`."""


class OrderRow(Row, kw_only=True, frozen=True):
    """An order. Its lines are on `order_detail`; it is whole once `line_count` lines of its `lines_version` are read.

    `total` is the sum of the lines' amounts without `freight`, the shipping charge. `external_id` is the order's number
    in the system that it was imported from, and `source` the name of that system, or "".
    `delivery_addresses` is JSON text, one object for each address of the order's current lines; it is on this row, not
    on the lines', since `order_detail` is never deleted. `erased_at` is when the customer's address was erased. Older
    rows have none of the last fields.
    """

    PERSONAL: ClassVar[Mapping[str, object]] = {"delivery_addresses": "[]"}

    order_id: UUID
    external_id: str | None = None
    customer_id: UUID
    status: str
    currency: str
    total: Decimal
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

    def __post_init__(self) -> None:
        """Raises like all rows, and `msgspec.MsgspecError` for invalid `delivery_addresses`."""
        super().__post_init__()
        self.addresses()

    def addresses(self) -> list[DeliveryAddress]:
        """The delivery addresses of the lines, decoded from JSON."""
        return read_addresses(self.delivery_addresses)


class OrderDetailRow(Row, kw_only=True, frozen=True):
    """A line of an order, never updated: a change writes all lines again with the order's next `lines_version`.

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


ORDER: Topic[OrderRow] = Topic(
    name="order",
    kind=Kind.STATE,
    message=OrderRow,
    key="order_id",
    identity="order_id",
    writer="connect:oms-orders",
    readers=("orders_stream",),
    is_personal=True,
)

ORDER_DETAIL: Topic[OrderDetailRow] = Topic(
    name="order_detail",
    kind=Kind.LOG,
    message=OrderDetailRow,
    key="order_id",
    identity="order_detail_id",
    writer="connect:oms-orders",
    readers=("orders_stream",),
)
