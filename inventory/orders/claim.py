"""What one order wants, has, and was promised. Pure."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from contracts.inventory.reservations import ReservationRow, Wanted
from contracts.inventory.sourcing import SourcingStatus
from inventory.orders.facts import Order, Terms
from inventory.orders.matching import match
from inventory.reservations import OPEN, is_late, is_open, own_units, taken_units


class Claim:
    """The claim of an order on units, as of the moment of the terms.

    `own` are the reservations that it has or may get, also those of units that have left; `match` are those for its
    lines; `missing` are the lines with the units that no reservation is for. `decided_at` is when it began to wait for
    what it waits for.
    """

    def __init__(self, order: Order, terms: Terms) -> None:
        self.order, self.terms = order, terms
        own = [row for row in (*order.reservations, *order.held) if is_open(row) or own_units(row)]
        # What has left is its own, whatever else was asked for meanwhile.
        self.own = sorted(own, key=lambda row: taken_units(row) == 0)
        self.match = match(order.lines, self.own)
        self.match.surplus = [row for row in self.match.surplus if is_open(row)]
        self.missing = [line for line in self.match.missing if line.sku not in terms.untracked]
        current = order.current_sourcing
        self.is_new = current is None or current.status in (SourcingStatus.REFUSED, SourcingStatus.RELEASED)
        self.is_backordered = current is not None and current.status == SourcingStatus.BACKORDERED
        self.is_promised = order.is_promised
        self.decided_at = terms.moment if current is None or self.is_new else current.decided_at

    @property
    def may_wait(self) -> bool:
        """Whether the order is not refused because stores do not answer."""
        return self.is_promised or self.is_backordered

    @property
    def end(self) -> datetime:
        """When the order has waited too long for its stores."""
        return self.decided_at + self.terms.most

    def late(self) -> list[tuple[UUID, ReservationRow]]:
        """The reservations that their stores should have answered by now, each with the line it is for."""
        return [
            (line_id, row)
            for line_id, rows in self.match.kept.items()
            for row in rows
            if is_late(row, self.terms.moment)
        ]

    def leaving(self) -> list[ReservationRow]:
        """The reservations that are given back and still counted, until their store answers."""
        return [row for row in self.order.reservations if row.state in OPEN and row.wanted == Wanted.RELEASE]

    def attempt(self, line_id: object) -> int:
        """Counts the times that stores were asked for a line."""
        attempts = [row.attempt for row in self.order.reservations if row.order_detail_id == line_id]
        return 1 + max(attempts, default=0)
