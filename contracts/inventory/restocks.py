"""What suppliers shall send to stores, and what is sent. A store answers with a receipt: see `contracts/stores.py`."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.rows import Row
from contracts.topics import Kind, Topic


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

    The units of a restock request have its id. Orders waited for `backordered` of them when they were sent. The store
    takes what `accepted_units` says of them, and a return always.
    """

    inbound_id: UUID
    stock_id: str
    store_id: str
    sku: str
    quantity: int
    unsellable: int = 0
    backordered: int = 0
    reason: str
    sent_at: datetime


def accepted_units(free: int, reorder_to: int, backordered: int) -> int:
    """The most units of a supplier that a store takes: those that orders wait for, and the others up to `reorder_to`.

    `free` are its sellable units that are committed to no order. Requests are made by the same arithmetic.
    """
    return backordered + max(0, reorder_to - free)


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
