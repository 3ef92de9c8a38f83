"""The queue of orders that wait for units of SKUs: those that are short, then the others; the oldest first. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.inventory.sourcing import SourcingRow, SourcingStatus, read_lines
from inventory.orders.facts import Order

Turn = tuple[bool, datetime, UUID]
"""The place of an order in every queue: whether it was promised no units yet, when it was placed, then its id."""


@dataclass(frozen=True)
class Backorder:
    """Units that a line of an order waits for. `since` is when it began to.

    They are `unpromised` unless the order was promised all its units before, and is short.
    """

    sku: str
    placed_at: datetime
    order_id: UUID
    order_detail_id: UUID
    quantity: int
    since: datetime
    unpromised: bool = True

    @property
    def turn(self) -> Turn:
        """The place of its order."""
        return self.unpromised, self.placed_at, self.order_id


def turn_of(order: Order) -> Turn:
    """The place of an order, before it is decided."""
    return not order.is_promised, order.placed_at, order.order_id


class Queue:
    """The queues of some SKUs while orders are decided.

    `rows` are those of the first orders of each SKU and of the orders that are decided. `units` are those that all
    orders wait for, by SKU, and `promised` those among them that are short. `ends` are the last turns that were read of
    the SKUs that have more.
    """

    def __init__(
        self,
        rows: Iterable[Backorder] = (),
        units: Mapping[str, int] | None = None,
        ends: Mapping[str, Turn] | None = None,
        promised: Mapping[str, int] | None = None,
    ) -> None:
        self._rows: dict[UUID, list[Backorder]] = {}
        self._turns: dict[str, dict[Turn, int]] = {}
        self._units, self._promised = Counter(units or {}), Counter(promised or {})
        self._ends = ends or {}
        self.changed: set[UUID] = set()
        """The orders whose rows differ from the stored ones."""
        for row in rows:
            self._add(row)
            if units is None:
                self._count(row, 1)

    def is_behind(self, order: Order, sku: str) -> bool:
        """Whether an order before it waits for this SKU."""
        turn = turn_of(order)
        others = (each for each in self._turns.get(sku, ()) if each[-1] != order.order_id)
        return any(other < turn for other in others) or turn > self._ends.get(sku, turn)

    def units_of(self, order: Order, sku: str) -> int:
        """The units of this SKU that the order waits for, and was not promised."""
        return sum(row.quantity for row in self.rows_of(order.order_id) if row.sku == sku and row.unpromised)

    def units(self, sku: str) -> int:
        """The units that all orders wait for."""
        return self._units[sku]

    def unpromised_units(self, sku: str) -> int:
        """The units that all orders wait for, without those that are short."""
        return self._units[sku] - self._promised[sku]

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
            self._count(row, -1)
        for row in rows:
            self._add(row)
            self._count(row, 1)

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

    def _count(self, row: Backorder, sign: int) -> None:
        self._units[row.sku] += sign * row.quantity
        self._promised[row.sku] += 0 if row.unpromised else sign * row.quantity


def backorders_of(sourcing: SourcingRow, since: Mapping[UUID, datetime]) -> list[Backorder]:
    """What an order waits for; `since` is known of the lines that did before."""
    if sourcing.status not in (SourcingStatus.BACKORDERED, SourcingStatus.SHORT):
        return []
    return [
        Backorder(
            line.sku,
            sourcing.placed_at,
            sourcing.order_id,
            line.order_line_id,
            line.backordered,
            since.get(line.order_line_id, sourcing.updated_at),
            sourcing.status != SourcingStatus.SHORT,
        )
        for line in read_lines(sourcing.lines)
        if line.backordered
    ]


def in_turn(orders: Sequence[Order]) -> list[Order]:
    """The orders in the sequence of their decisions: those that give units back, those that are known, and new ones.

    The second are sorted by their turn, those that were promised all units first: if a store refuses units of an older
    order, a younger one does not take what is left. New ones keep their sequence.
    """
    known = [order for order in orders if order.is_open and order.sourcing]
    new = [order for order in orders if order.is_open and not order.sourcing]
    return [*(order for order in orders if not order.is_open), *sorted(known, key=turn_of), *new]
