"""The topics of stores: what is on the shelf, every movement that led there, the answers to reservations, and
the receipts of inbound units.

Each store has a database of its own; one connector reads them all. A store's rows have the last word: what central
knows of its stock is derived from them. `stock_id` is `<store_id>/<sku>`, one column, so that a row has one key.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.rows import Row
from contracts.topics import Kind, Topic


class Reason(StrEnum):
    """Why a movement happened."""

    RECEIVED = "received"
    SOLD = "sold"
    RETURNED = "returned"
    SHIPPED = "shipped"
    ADJUSTED = "adjusted"
    COUNTED = "counted"
    DAMAGED = "damaged"
    TRANSFERRED = "transferred"


class AllocationState(StrEnum):
    """What a store answered to a reservation."""

    COMMITTED = "committed"
    REFUSED = "refused"
    RELEASED = "released"
    SHIPPED = "shipped"
    SHORT = "short"


def stock_id(store_id: str, sku: str) -> str:
    """The key of a SKU's stock in a store."""
    return f"{store_id}/{sku}"


def stock_ids_of(store_id: str) -> tuple[str, str]:
    """The least key of a store's stocks, and the least one beyond them: `0` follows `/` in ASCII."""
    return stock_id(store_id, ""), f"{store_id}0"


class StockRow(Row, kw_only=True, frozen=True):
    """The units of one SKU in one store. `on_hand` includes `unsellable` and `committed` units; all three are >= 0, and
    `committed` + `unsellable` never exceed `on_hand`.

    `movements` is the sequence of the newest movement. `reorder_at` is the level at which more is ordered, `reorder_to`
    the level to which. `delivered` is the sum of all inbound units that the store has booked, refused ones included: it
    never falls.
    """

    stock_id: str
    store_id: str
    sku: str
    on_hand: int
    unsellable: int
    committed: int
    movements: int
    reorder_at: int | None = None
    reorder_to: int | None = None
    delivered: int = 0
    updated_at: datetime


class StockMovementRow(Row, kw_only=True, frozen=True):
    """One change of the units on hand, never updated: the ledger of the store.

    `sequence` counts from 1 within a stock. Each movement has the units after it, so it can be compared with the one
    before. `happened_at` is what the till said, `recorded_at` by the clock of MySQL.
    """

    movement_id: UUID
    stock_id: str
    store_id: str
    sku: str
    sequence: int
    delta: int
    unsellable_delta: int
    on_hand_after: int
    unsellable_after: int
    reason: str
    reference: str | None = None
    caller: str | None = None
    happened_at: datetime
    recorded_at: datetime


class AllocationRow(Row, kw_only=True, frozen=True):
    """What a store answered to a reservation; `allocation_id` is the `reservation_id`.

    `reservation_version` is the newest version of the reservation that the store has processed. `on_hand`,
    `unsellable`, `committed` and `delivered` are those of the stock row after this answer, at its `stock_version`: a
    reader that stores both in one transaction never counts a unit twice, in whatever order the two topics arrive. They
    are null if the store has no such stock, `delivered` also in answers of former versions. `shipped` units of the
    reservation have left before the `quantity` units that have this state.
    """

    allocation_id: UUID
    stock_id: str
    store_id: str
    sku: str
    order_id: UUID | None = None
    quantity: int
    shipped: int = 0
    state: str
    reservation_version: int
    on_hand: int | None = None
    unsellable: int | None = None
    committed: int | None = None
    delivered: int | None = None
    stock_version: int | None = None
    answered_at: datetime


class ReceiptRow(Row, kw_only=True, frozen=True):
    """What a store did with inbound units, once: `inbound_id` is that of `contracts/inventory/restocks.py`.

    `added` units are on hand since, `refused` ones exceeded `accepted_units`; together they are `quantity`. The others
    are those of the stock row after this receipt, at its `stock_version`, as in `AllocationRow`.
    """

    inbound_id: UUID
    stock_id: str
    store_id: str
    sku: str
    reason: str
    quantity: int
    added: int
    refused: int
    on_hand: int
    unsellable: int
    committed: int
    delivered: int
    stock_version: int
    received_at: datetime


class StoreHeartbeatRow(Row, kw_only=True, frozen=True):
    """The sign of life of a store's own process; one row in each store's database. `beaten_at` is in UTC."""

    store_id: str
    beaten_at: datetime


STOCK: Topic[StockRow] = Topic(
    name="stock",
    kind=Kind.STATE,
    message=StockRow,
    key="stock_id",
    identity="stock_id",
    writer="connect:oms-stores",
    readers=("inventory",),
)

STOCK_MOVEMENT: Topic[StockMovementRow] = Topic(
    name="stock_movement",
    kind=Kind.LOG,
    message=StockMovementRow,
    key="stock_id",
    identity="movement_id",
    writer="connect:oms-stores",
    readers=(),
)
"""The copy of every store's ledger outside of the store, for audits and to restore a lost database."""

ALLOCATION: Topic[AllocationRow] = Topic(
    name="allocation",
    kind=Kind.STATE,
    message=AllocationRow,
    key="allocation_id",
    identity="allocation_id",
    writer="connect:oms-stores",
    readers=("inventory",),
)

RECEIPT: Topic[ReceiptRow] = Topic(
    name="receipt",
    kind=Kind.STATE,
    message=ReceiptRow,
    key="inbound_id",
    identity="inbound_id",
    writer="connect:oms-stores",
    readers=("inventory",),
)

STORE_HEARTBEAT: Topic[StoreHeartbeatRow] = Topic(
    name="store_heartbeat",
    kind=Kind.PASSING,
    message=StoreHeartbeatRow,
    key="store_id",
    identity="store_id",
    writer="connect:oms-stores",
    readers=("inventory",),
)
