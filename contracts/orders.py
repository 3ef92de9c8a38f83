"""Topics that Kafka Connect writes from the `orders` database: orders and their lines as they are now.

Both have the key `{"order_id": …}`, so that an order and its lines are in the same partition number and one worker sees
them all.
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
    """Where an order is in its life. What is stored or on a topic may be another one: it is read as the text it is."""

    PLACED = "placed"
    CONFIRMED = "confirmed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


class DeliveryAddress(msgspec.Struct, kw_only=True, frozen=True):
    """Where lines of an order go, as it was when the order was placed.

    Once the person who ordered is erased, only the city, the region and the country stay.
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
"""The delivery addresses in the JSON text of an order's row. Raises `msgspec.MsgspecError` if it does not fit."""


class OrderRow(Row, kw_only=True, frozen=True):
    """One order. Its lines are on `order_detail`; it is whole once `line_count` of its `lines_version` are here.

    `total` is the sum of the lines' amounts; `freight`, what the carrier takes, is kept beside it. `external_id` is the
    order's number in the system it was imported from, and `source` that system's name, "" where it has none.
    `delivery_addresses` is JSON text, one object for each address of the order's current lines; it is on this row, not
    on the lines', since `order_detail` is kept for ever. `erased_at` is when the order forgot where its customer lives.
    Rows that were written before have none of the last fields.
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
        """Raises as all rows do, and `msgspec.MsgspecError` when `delivery_addresses` does not fit."""
        super().__post_init__()
        self.addresses()

    def addresses(self) -> list[DeliveryAddress]:
        """Where the order's lines go, read from their JSON."""
        return read_addresses(self.delivery_addresses)


class OrderDetailRow(Row, kw_only=True, frozen=True):
    """One line of one order, never updated: a change writes all lines anew under the order's next `lines_version`.

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
