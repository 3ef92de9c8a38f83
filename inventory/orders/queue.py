"""The queue of orders that wait for units of SKUs: the oldest first, by when they were placed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.inventory.sourcing import SourcingRow, SourcingStatus, read_lines
from inventory.orders.facts import Order

Turn = tuple[datetime, UUID]
"""The place of an order in every queue: when it was placed, then its id."""


@dataclass(frozen=True)
class Backorder:
    """Units that a line of an order waits for. `since` is when it began to."""

    sku: str
    placed_at: datetime
    order_id: UUID
    order_detail_id: UUID
    quantity: int
    since: datetime

    @property
    def turn(self) -> Turn:
        """The place of its order."""
        return self.placed_at, self.order_id


def turn_of(order: Order) -> Turn:
    """The place of an order."""
    return order.placed_at, order.order_id


class Queue:
    """The queues of some SKUs while orders are decided.

    `rows` are those of the first orders of each SKU and of the orders that are decided. `units` are those that all
    orders wait for, by SKU. `ends` are the last turns that were read of the SKUs that have more.
    """

    def __init__(
        self,
        rows: Iterable[Backorder] = (),
        units: Mapping[str, int] | None = None,
        ends: Mapping[str, Turn] | None = None,
    ) -> None:
        self._rows: dict[UUID, list[Backorder]] = {}
        self._turns: dict[str, dict[Turn, int]] = {}
        self._units = dict(units or {})
        self._ends = ends or {}
        self.changed: set[UUID] = set()
        """The orders whose rows differ from the stored ones."""
        for row in rows:
            self._add(row)
            if units is None:
                self._units[row.sku] = self._units.get(row.sku, 0) + row.quantity

    def is_behind(self, order: Order, sku: str) -> bool:
        """Whether an older order waits for this SKU."""
        turn = turn_of(order)
        return any(other < turn for other in self._turns.get(sku, ())) or turn > self._ends.get(sku, turn)

    def units_of(self, order: Order, sku: str) -> int:
        """The units of this SKU that the order waits for."""
        return self._turns.get(sku, {}).get(turn_of(order), 0)

    def units(self, sku: str) -> int:
        """The units that all orders wait for."""
        return self._units.get(sku, 0)

    def is_empty(self, sku: str) -> bool:
        """Whether no order waits for this SKU."""
        return not self._turns.get(sku) and sku not in self._ends

    def put(self, order: Order, sourcing: SourcingRow) -> None:
        """Take over what an order waits for, as its new sourcing says."""
        before = {row.order_detail_id: row for row in self._rows.get(order.order_id, ())}
        rows = backorders_of(sourcing, {id_: row.since for id_, row in before.items()})
        if {row.order_detail_id: row for row in rows} == before:
            return
        self.changed.add(order.order_id)
        for row in self._rows.pop(order.order_id, ()):
            self._turns[row.sku].pop(row.turn, None)
            self._units[row.sku] -= row.quantity
        for row in rows:
            self._add(row)
            self._units[row.sku] = self._units.get(row.sku, 0) + row.quantity

    def rows_of(self, order_id: UUID) -> list[Backorder]:
        """What an order waits for."""
        return self._rows.get(order_id, [])

    def skus(self) -> set[str]:
        """The SKUs of which orders wait, or have waited when they were read."""
        return {*self._turns}

    def _add(self, row: Backorder) -> None:
        self._rows.setdefault(row.order_id, []).append(row)
        turns = self._turns.setdefault(row.sku, {})
        turns[row.turn] = turns.get(row.turn, 0) + row.quantity


def backorders_of(sourcing: SourcingRow, since: Mapping[UUID, datetime]) -> list[Backorder]:
    """What an order waits for; `since` is known of the lines that did before."""
    if sourcing.status != SourcingStatus.BACKORDERED:
        return []
    return [
        Backorder(
            line.sku,
            sourcing.placed_at,
            sourcing.order_id,
            line.order_line_id,
            line.backordered,
            since.get(line.order_line_id, sourcing.updated_at),
        )
        for line in read_lines(sourcing.lines)
        if line.backordered
    ]


def in_turn(orders: Sequence[Order]) -> list[Order]:
    """The orders in the sequence of their decisions: those that give units back, those that are known, and new ones.

    The second are sorted by their turn: if a store refuses units of an older order, a younger one does not take what is
    left. New ones keep their sequence.
    """
    known = [order for order in orders if order.is_open and order.sourcing]
    new = [order for order in orders if order.is_open and not order.sourcing]
    return [*(order for order in orders if not order.is_open), *sorted(known, key=turn_of), *new]
