"""Which units are wanted of which store. What the store answers is an allocation: see `contracts/stores.py`."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

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


class ReservationRow(Row, kw_only=True, frozen=True):
    """Units of one SKU that one store shall give: for a cart (`hold_id`), an order line, or both in turn.

    `attempt` counts the stores that were asked for this line, from 1. `answer_version` is the version of the allocation
    that was last processed. `dispatched` counts the units that shipments have taken of it, since the beginning; the
    store has booked out `shipped` of them before the `quantity` units of its state. Their sum never changes.
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
    dispatched: int = 0
    shipped: int = 0
    expires_at: datetime | None = None
    ask_until: datetime | None = None


AT_ONCE = 500
"""Reservations that are sent again in one transaction."""

_OPEN = "state IN ('asked', 'committed') AND wanted <> 'hold'"

OPEN_IN_STORE = f"""
SELECT reservation_id FROM inventory.reservation WHERE stock_id >= %s AND stock_id < %s AND {_OPEN}
ORDER BY reservation_id
"""
"""SQL: what a store was asked, or has committed. Its parameters are `contracts.stores.stock_ids_of`."""

SEND_AGAIN = f"UPDATE inventory.reservation SET version = version + 1 WHERE {_OPEN} AND reservation_id IN ({{}})"
"""SQL: publishes those of these reservations that are still open, by a higher version."""

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
