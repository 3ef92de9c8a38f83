"""What a decision about an order depends on, and what it consists of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from contracts.inventory.reservations import ReservationRow
from contracts.inventory.restocks import InboundRow
from contracts.inventory.sourcing import SourcingRow, SourcingStatus
from contracts.orders import OrderStatus
from inventory.decisions.places import Store
from inventory.decisions.rules import Line, StockKey
from inventory.decisions.sourcing_policy import SourcingPolicy
from inventory.orders.dispatching import Shipment

_GONE = (OrderStatus.CANCELLED, OrderStatus.REJECTED)
_OPEN = (OrderStatus.PLACED, OrderStatus.BACKORDERED, OrderStatus.CONFIRMED, OrderStatus.PARTIALLY_SHIPPED)
_PROMISED = (SourcingStatus.COMMITTED, SourcingStatus.SHORT)
_SHIPPED = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)


@dataclass(frozen=True)
class Order:
    """An order as it arrived, with all that inventory has decided about it so far.

    `lines` are those of `lines_version`; they are all lines if `is_whole`. `held` are the reservations of the hold that
    the order takes over. `returned` are the inbounds of its shipments that were sent to stores.
    """

    order_id: UUID
    status: str
    is_deleted: bool
    lines_version: int
    placed_at: datetime
    is_whole: bool
    lines: Sequence[Line]
    hold_id: UUID | None = None
    sourcing: SourcingRow | None = None
    reservations: Sequence[ReservationRow] = ()
    held: Sequence[ReservationRow] = ()
    shipments: Sequence[Shipment] = ()
    returned: Collection[UUID] = ()

    @property
    def is_gone(self) -> bool:
        """Whether it wants no units any more."""
        return self.is_deleted or self.status in _GONE

    @property
    def is_shipped(self) -> bool:
        """Whether its units have left the store."""
        return self.status in _SHIPPED

    @property
    def is_open(self) -> bool:
        """Whether it wants its units."""
        return self.status in _OPEN

    @property
    def is_promised(self) -> bool:
        """Whether it was promised all units of its current lines."""
        return self.current_sourcing is not None and self.current_sourcing.status in _PROMISED

    @property
    def current_sourcing(self) -> SourcingRow | None:
        """What was decided about its current lines."""
        return self.sourcing if self.sourcing and self.sourcing.lines_version == self.lines_version else None


@dataclass(frozen=True)
class Terms:
    """What all decisions of a transaction have in common.

    Orders that were placed before `since` are left alone. A store may take `answer` to answer; an order may wait for
    stores for at most `most`, and for units for at most `backordered_for`. `most_backordered` has the SKUs for which
    orders may wait, with how many units they may want together. The stores of `restocked` have just said how many units
    they have: an order that is short asks them again. With `is_retry`, an order is decided again that was
    refused, or left alone, and stores are asked again that did not give its units.
    """

    moment: datetime
    since: datetime
    stores: Mapping[str, Store]
    policy: SourcingPolicy = field(default_factory=SourcingPolicy)
    untracked: Collection[str] = ()
    most_backordered: Mapping[str, float] = field(default_factory=dict)
    backordered_for: timedelta = timedelta(days=30)
    answer: timedelta = timedelta(seconds=30)
    most: timedelta = timedelta(seconds=900)
    restocked: Collection[StockKey] = ()
    is_retry: bool = False


@dataclass
class Decision:
    """What changes: reservations, by their id; the sourcing, if it changes; the status of the order's hold.

    `inbounds` are units that came back to their stores.
    """

    reservations: dict[UUID, ReservationRow] = field(default_factory=dict)
    sourcing: SourcingRow | None = None
    hold_status: str | None = None
    inbounds: list[InboundRow] = field(default_factory=list)

    def write(self, *rows: ReservationRow) -> None:
        """Change reservations, or make them."""
        for row in rows:
            self.reservations[row.reservation_id] = row
