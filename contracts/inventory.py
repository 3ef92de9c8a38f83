"""The topics of inventory: what is available, which units are wanted of which store, the state of each order's stock,
and what suppliers send to stores.

`reservation` says what is wanted of a store, `allocation` (see `contracts/stores.py`) what the store answered;
`inbound` what is sent to it, `receipt` what it booked. All are rows with a version, so duplicates, replays and old
records are harmless.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import msgspec

from contracts.rows import Row
from contracts.topics import Kind, Topic


class Wanted(StrEnum):
    """What central wants of a store. `hold` is central's own (a cart): the store ignores it."""

    HOLD = "hold"
    COMMIT = "commit"
    RELEASE = "release"
    SHIP = "ship"


class ReservationState(StrEnum):
    """The state of a reservation. `held` and `asked` units count as reserved, `committed` ones by the store's stock."""

    HELD = "held"
    ASKED = "asked"
    COMMITTED = "committed"
    REFUSED = "refused"
    RELEASED = "released"
    EXPIRED = "expired"
    SHIPPED = "shipped"
    SHORT = "short"


class SourcingStatus(StrEnum):
    """The state of an order's stock as a whole."""

    RESERVED = "reserved"
    COMMITTED = "committed"
    REFUSED = "refused"
    RELEASED = "released"
    SHIPPED = "shipped"
    SHORT = "short"
    BACKORDERED = "backordered"


class RestockStatus(StrEnum):
    """How far a supplier is with a restock request. One that is `completed` is on its way."""

    ACCEPTED = "accepted"
    MANUFACTURING = "manufacturing"
    COMPLETED = "completed"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class InboundReason(StrEnum):
    """Why units are sent to a store."""

    RESTOCK = "restock"
    RETURN = "return"


class AvailabilityRow(Row, kw_only=True, frozen=True):
    """What central knows of one SKU in one store: the store's units as of `stock_version`, and central's reservations.

    In every version `on_hand` = `available` + `reserved` + `committed` + `unsellable`. Reserved units that are not on
    hand are `overreserved`: a till may sell units that the store has not yet committed, and an order that changes gets
    its new units before it gives back the others. `safety_margin` units of those available are not promised online.
    `incoming` units are sent to the store and not booked by it: all that were ever sent, less those `delivered` as of
    `stock_version`. So a delivery counts as incoming or on hand, never as both. With `has_backorders`, orders wait for
    units of the SKU, and nobody else is promised any.
    """

    stock_id: str
    store_id: str
    sku: str
    on_hand: int
    unsellable: int
    committed: int
    reserved: int
    overreserved: int = 0
    safety_margin: int
    incoming: int = 0
    delivered: int = 0
    reorder_at: int | None = None
    reorder_to: int | None = None
    stock_version: int
    has_backorders: bool = False
    updated_at: datetime

    @property
    def available(self) -> int:
        """The units that nobody has been promised."""
        return max(0, self.on_hand - self.unsellable - self.committed - self.reserved)

    @property
    def available_to_promise(self) -> int:
        """The units that can be promised online: those available, less the safety margin; none if orders wait."""
        if self.has_backorders:
            return 0
        return max(0, self.on_hand - self.unsellable - self.committed - self.reserved - self.safety_margin)


class SkuAvailabilityRow(Row, kw_only=True, frozen=True):
    """The stores that have units of one SKU to sell online; changed only when a store gets its first or loses its last.

    `available_at` is JSON text, a sorted list of store ids: see `stores_in`. A SKU that no store ever had has no row.
    """

    sku: str
    available_at: str

    def __post_init__(self) -> None:
        """Raises like all rows, and `msgspec.MsgspecError` if `available_at` is invalid."""
        super().__post_init__()
        stores_in(self.available_at)


stores_in = msgspec.json.Decoder(list[str]).decode
"""Decode the column `available_at`. Raises `msgspec.MsgspecError` if the JSON is invalid."""

NO_STORES = "[]"
"""The column `available_at` of a SKU that no store has to sell."""


def with_stores(available_at: str, changes: Mapping[str, bool]) -> str:
    """The column `available_at` after these stores got units to sell, or lost them."""
    kept = {each for each in stores_in(available_at) if changes.get(each, True)}
    stores = sorted(kept | {store_id for store_id, has_units in changes.items() if has_units})
    return msgspec.json.format(msgspec.json.encode(stores), indent=0).decode()


class ReservationRow(Row, kw_only=True, frozen=True):
    """Units of one SKU that one store shall give: for a cart (`hold_id`), an order line, or both in turn.

    `attempt` counts the stores that were asked for this line, from 1. `answer_version` is the version of the allocation
    that was last processed.
    """

    reservation_id: UUID
    hold_id: UUID | None = None
    order_id: UUID | None = None
    order_detail_id: UUID | None = None
    lines_version: int | None = None
    stock_id: str
    store_id: str
    sku: str
    quantity: int
    attempt: int
    wanted: str
    state: str
    answer_version: int = 0
    expires_at: datetime | None = None
    ask_until: datetime | None = None


class SourcedPart(msgspec.Struct, kw_only=True, frozen=True, gc=False, omit_defaults=False):
    """Units of a line from one store. `state` is that of the reservation. Its fields are in the order of JSON text."""

    state: str
    quantity: int
    store_id: str
    reservation_id: UUID


class SourcedLine(msgspec.Struct, kw_only=True, frozen=True, gc=False, omit_defaults=False):
    """A line of an order and the stores that give its units; `backordered` units have no store yet."""

    sku: str
    parts: list[SourcedPart]
    quantity: int
    backordered: int
    order_line_id: UUID


read_lines = msgspec.json.Decoder(list[SourcedLine]).decode
"""Decode the column `lines` of a sourcing. Raises `msgspec.MsgspecError` if the JSON is invalid."""


def write_lines(lines: Sequence[SourcedLine]) -> str:
    """The column `lines` of a sourcing, as `contracts/json_text.py` writes it: then its digest is that of the views."""
    return msgspec.json.format(msgspec.json.encode(lines), indent=0).decode()


class SourcingRow(Row, kw_only=True, frozen=True):
    """The stock of one order, in one row, so that nobody sees half of it. `lines` is JSON text: see `read_lines`.

    It is about the order's lines at `lines_version`. `reason` explains a refusal, in at most 200 characters. With
    `on_request`, the order was placed before inventory's first start, and somebody asked for a decision about it.
    """

    order_id: UUID
    lines_version: int
    placed_at: datetime
    status: str
    reason: str | None = None
    lines: str
    on_request: bool = False
    decided_at: datetime
    updated_at: datetime

    def __post_init__(self) -> None:
        """Raises like all rows, and `msgspec.MsgspecError` if `lines` is invalid."""
        super().__post_init__()
        read_lines(self.lines)


class StoreRow(Row, kw_only=True, frozen=True):
    """A place that holds stock: a shop or a warehouse (`kind`). Higher `priority` is asked first.

    Central has processed everything that the store committed before `fresh_until`; null before the first heartbeat.
    `details_version` is raised by what clients change, and not by signs of life, as `version` is.
    """

    store_id: str
    name: str
    kind: str
    country: str
    region: str | None = None
    city: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    priority: int
    sells_online: bool
    fresh_until: datetime | None = None
    details_version: int = 1
    created_at: datetime
    updated_at: datetime


class RestockRequestRow(Row, kw_only=True, frozen=True):
    """Units of one SKU that a supplier shall send to a store. A stock has one open request: see `RestockStatus`.

    `added` and `refused` are those of the store's receipt, null before it. `updated_at` is the time of the last change
    of `status`.
    """

    restock_request_id: UUID
    stock_id: str
    store_id: str
    sku: str
    quantity: int
    status: str
    added: int | None = None
    refused: int | None = None
    requested_at: datetime
    received_at: datetime | None = None
    updated_at: datetime


class InboundRow(Row, kw_only=True, frozen=True):
    """Units that are on their way to a store, of which `unsellable` are damaged. The store answers with a receipt.

    The units of a restock request have its id. The store takes them up to its `reorder_to`, and a return always.
    """

    inbound_id: UUID
    stock_id: str
    store_id: str
    sku: str
    quantity: int
    unsellable: int = 0
    reason: str
    sent_at: datetime


AVAILABILITY: Topic[AvailabilityRow] = Topic(
    name="availability",
    kind=Kind.STATE,
    message=AvailabilityRow,
    key="stock_id",
    identity="stock_id",
    writer="connect:oms-inventory",
    readers=("inventory", "orders_stream"),
)

SKU_AVAILABILITY: Topic[SkuAvailabilityRow] = Topic(
    name="sku_availability",
    kind=Kind.STATE,
    message=SkuAvailabilityRow,
    key="sku",
    identity="sku",
    writer="connect:oms-inventory",
    readers=("products",),
)

RESERVATION: Topic[ReservationRow] = Topic(
    name="reservation",
    kind=Kind.PASSING,
    message=ReservationRow,
    key="store_id",
    identity="reservation_id",
    writer="connect:oms-inventory",
    readers=("stores",),
)
"""Keyed by store, so that a store reads one partition, in order. Its key is not unique, so it is not compacted."""

SOURCING: Topic[SourcingRow] = Topic(
    name="sourcing",
    kind=Kind.STATE,
    message=SourcingRow,
    key="order_id",
    identity="order_id",
    writer="connect:oms-inventory",
    readers=("orders", "orders_stream"),
)

STORE: Topic[StoreRow] = Topic(
    name="store",
    kind=Kind.STATE,
    message=StoreRow,
    key="store_id",
    identity="store_id",
    writer="connect:oms-inventory",
    readers=("orders_stream",),
)

RESTOCK_REQUEST: Topic[RestockRequestRow] = Topic(
    name="restock_request",
    kind=Kind.STATE,
    message=RestockRequestRow,
    key="restock_request_id",
    identity="restock_request_id",
    writer="connect:oms-inventory",
    readers=("orders_stream",),
)

INBOUND: Topic[InboundRow] = Topic(
    name="inbound",
    kind=Kind.PASSING,
    message=InboundRow,
    key="store_id",
    identity="inbound_id",
    writer="connect:oms-inventory",
    readers=("stores",),
)
"""Keyed by store, as `reservation` is."""
