"""The topics of shipping: `shipment`, the state of each shipment, and `shipping_event`, the events that led to it.

The events are the truth, and are never changed; the row of a shipment is what they lead to, written in the same
transaction. The version of the row is the number of its events, or more once a repair has raised it. Events refer to
persons and tell nothing of them: personal data is on the row only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import msgspec

from contracts.rows import Row
from contracts.topics import Kind, Topic


class ShipmentStatus(StrEnum):
    """The status of a shipment. Databases and topics may contain other values, which are read as text."""

    PLANNED = "planned"
    PACKED = "packed"
    DISPATCHED = "dispatched"
    DELIVERED = "delivered"
    FAILED = "failed"
    RETURNED = "returned"
    RECALLED = "recalled"
    CANCELLED = "cancelled"


LEFT = frozenset(
    {
        ShipmentStatus.DISPATCHED,
        ShipmentStatus.DELIVERED,
        ShipmentStatus.FAILED,
        ShipmentStatus.RETURNED,
        ShipmentStatus.RECALLED,
    }
)
"""The statuses of a shipment whose units have left their location, wherever they are now."""

MOST_PARCELS = 100
"""Parcels of a shipment."""

MOST_TRACKING = 50
"""Tracking events on the row of a shipment: the newest ones. All are events."""


class ShippedLine(msgspec.Struct, kw_only=True, frozen=True, gc=False, omit_defaults=False):
    """Units of an order line in a shipment. Its fields are in the order of JSON text."""

    sku: str
    quantity: int
    line_number: int
    order_line_id: UUID


class Parcel(msgspec.Struct, kw_only=True, frozen=True, gc=False, omit_defaults=False):
    """A parcel of a shipment, with the fields in the order of JSON text. `weight` is in kg.

    `parcel_id` is "1", "2" … within the shipment. `tracking_number` is personal.
    """

    weight: Decimal | None = None
    carrier: str | None = None
    parcel_id: str
    tracking_number: str | None = None


class TrackingEvent(msgspec.Struct, kw_only=True, frozen=True, gc=False, omit_defaults=False):
    """What a carrier reported, with its own `event_id`, and its time. The fields are in the order of JSON text."""

    at: datetime
    city: str | None = None
    code: str
    country: str | None = None
    event_id: str
    parcel_id: str | None = None


read_shipped_lines = msgspec.json.Decoder(list[ShippedLine]).decode
"""Decode the column `lines` of a shipment. Raises `msgspec.MsgspecError` if the JSON is invalid."""

read_parcels = msgspec.json.Decoder(list[Parcel]).decode
"""Decode the column `parcels` of a shipment. Raises `msgspec.MsgspecError` if the JSON is invalid."""

read_tracking = msgspec.json.Decoder(list[TrackingEvent]).decode
"""Decode the column `tracking` of a shipment. Raises `msgspec.MsgspecError` if the JSON is invalid."""


def write_parts(parts: Sequence[ShippedLine] | Sequence[Parcel] | Sequence[TrackingEvent]) -> str:
    """A JSON column of a shipment, as `contracts/json_text.py` writes it: then its digest is that of the views."""
    return msgspec.json.format(msgspec.json.encode(parts), indent=0).decode()


class ShipmentRow(Row, kw_only=True, frozen=True):
    """One shipment in one row, so that nobody sees half of it. `lines`, `parcels` and `tracking` are JSON text.

    `location` holds the units: a store of inventory, or the default location of shipping. The full address is the
    order's. `attempts` counts the failed deliveries; `reason` is a code of at most 40 characters, of the last failure,
    return, recall or cancellation. One that a van of a `depot` brings has a window: from `window_from` to before
    `window_to`, on the local day `delivery_date` (such as 2026-02-02) in `window_zone`. `version` is the number of its
    events, or more once a repair has raised it.
    """

    PERSONAL: ClassVar[Mapping[str, object]] = {"parcels": "[]", "received_by": None}

    shipment_id: UUID
    order_id: UUID
    customer_id: UUID
    status: str
    location: str
    delivery_address_id: UUID
    city: str | None = None
    region: str | None = None
    country: str | None = None
    lines: str
    parcels: str
    tracking: str
    carrier: str | None = None
    attempts: int = 0
    reason: str | None = None
    received_by: str | None = None
    planned_at: datetime
    packed_at: datetime | None = None
    dispatched_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    returned_at: datetime | None = None
    erased_at: datetime | None = None
    depot: str | None = None
    delivery_date: str | None = None
    van: str | None = None
    window_from: datetime | None = None
    window_to: datetime | None = None
    window_zone: str | None = None
    updated_at: datetime

    def __post_init__(self) -> None:
        """Raises like all rows, and `msgspec.MsgspecError` if a JSON column is invalid."""
        super().__post_init__()
        read_shipped_lines(self.lines)
        read_parcels(self.parcels)
        read_tracking(self.tracking)


class ShippingEventRow(Row, kw_only=True, frozen=True):
    """One event of a stream, never changed. `data` is its JSON text, in the shape of `type` and `type_version`.

    `stream_id` is `shipment:<id>`, `return:<id>` or `day:<depot>:<date>`; `sequence` counts its events from 1.
    `happened_at` is when it was so in the world, `recorded_at` when it was written. `caused_by` names the record or the
    message that caused it.
    """

    stream_id: str
    sequence: int
    event_id: UUID
    type: str
    type_version: int
    data: str
    caller: str | None = None
    caused_by: str | None = None
    happened_at: datetime
    recorded_at: datetime


SHIPMENT: Topic[ShipmentRow] = Topic(
    name="shipment",
    kind=Kind.STATE,
    message=ShipmentRow,
    key="shipment_id",
    identity="shipment_id",
    writer="connect:oms-shipping",
    readers=("orders", "orders_stream", "inventory"),
    is_personal=True,
)

SHIPPING_EVENT: Topic[ShippingEventRow] = Topic(
    name="shipping_event",
    kind=Kind.LOG,
    message=ShippingEventRow,
    key="stream_id",
    identity="event_id",
    writer="connect:oms-shipping",
    readers=(),
)
