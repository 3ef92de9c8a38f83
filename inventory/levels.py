"""The availability rows that a transaction has locked: what they become, and each of them written once. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from contracts.inventory.availability import AvailabilityRow
from inventory.decisions.rules import StockKey


@dataclass(frozen=True)
class Shelf:
    """The units in a store, as of `stock_version`."""

    on_hand: int
    unsellable: int
    committed: int
    stock_version: int
    delivered: int | None = None
    """All inbound units that the store has ever booked; None if it did not say."""


class Crossing(NamedTuple):
    """A store that got its first units of a SKU to promise online, or promised its last."""

    store_id: str
    sku: str
    has_units: bool


class Levels:
    """Availability rows by store and SKU, while they are changed in memory.

    What is promised is the units of all open reservations: held, asked for, or committed. Those that the store has
    committed count as `committed`, the others as `reserved`, or as `overreserved` if they are not on hand. So a unit
    is never counted twice, whether a store's stock arrives before its answer or after it. In the same way all units
    that were ever sent to a store are delivered, or incoming.
    """

    def __init__(self, rows: Iterable[AvailabilityRow]) -> None:
        self._stored = {StockKey(row.store_id, row.sku): row for row in rows}
        self._now = dict(self._stored)
        self._promised = {key: row.reserved + row.overreserved + row.committed for key, row in self._stored.items()}
        self._sent = {key: row.incoming + row.delivered for key, row in self._stored.items()}
        self._of_sku: dict[str, list[StockKey]] = {}
        for key in self._stored:
            self._of_sku.setdefault(key.sku, []).append(key)

    def __getitem__(self, key: StockKey) -> AvailabilityRow:
        return self._now[key]

    def __contains__(self, key: StockKey) -> bool:
        return key in self._now

    def knows(self, sku: str) -> bool:
        """Whether any store has a row for this SKU."""
        return sku in self._of_sku

    def of_sku(self, sku: str) -> list[AvailabilityRow]:
        """The rows of a SKU as they are now, with their sums."""
        return [self.current(key) for key in self._of_sku.get(sku, ())]

    def free(self, skus: Iterable[str]) -> dict[str, dict[str, int]]:
        """The units that can be promised, by SKU and store. They are less than 0 if a till sold reserved ones."""
        return {
            sku: {key.store_id: self._free(key) for key in self._of_sku.get(sku, ())} for sku in dict.fromkeys(skus)
        }

    def set_backorders(self, sku: str, has_backorders: bool) -> bool:
        """Note whether orders wait for a SKU. Returns whether any row said something else."""
        others = [key for key in self._of_sku.get(sku, ()) if self._now[key].has_backorders != has_backorders]
        for key in others:
            self._now[key] = replace(self._now[key], has_backorders=has_backorders)
        return bool(others)

    def with_backorders(self) -> set[str]:
        """The SKUs for which orders wait."""
        return {key.sku for key, row in self._stored.items() if row.has_backorders}

    def promise(self, key: StockKey, units: int) -> None:
        """Promise more units, or fewer if `units` is negative. Nothing if the row was deleted by hand."""
        if key in self._promised:
            self._promised[key] += units

    def send(self, key: StockKey, units: int) -> None:
        """Note units that are on their way to the store. Nothing if the row was deleted by hand."""
        if key in self._sent:
            self._sent[key] += units

    def restock(self, key: StockKey, shelf: Shelf) -> None:
        """Take over the units of the store, unless newer ones are known."""
        row = self._now[key]
        if row.stock_version < shelf.stock_version:
            self._now[key] = replace(
                row,
                on_hand=shelf.on_hand,
                unsellable=shelf.unsellable,
                committed=shelf.committed,
                delivered=row.delivered if shelf.delivered is None else shelf.delivered,
                stock_version=shelf.stock_version,
            )

    def set_reorder_levels(self, key: StockKey, reorder_at: int | None, reorder_to: int | None) -> None:
        """Take over the levels at which the store orders more."""
        self._now[key] = replace(self._now[key], reorder_at=reorder_at, reorder_to=reorder_to)

    def current(self, key: StockKey) -> AvailabilityRow:
        """The row as it is now, with its sums."""
        row = self._now[key]
        row = _reserving(row, max(0, self._promised[key] - row.committed))
        return replace(row, incoming=max(0, self._sent[key] - row.delivered))

    def changed(self, moment: datetime) -> list[AvailabilityRow]:
        """The rows that differ from the stored ones, by `stock_id`."""
        rows = []
        for key, stored in self._stored.items():
            row = self.current(key)
            if row != stored:
                rows.append(replace(row, updated_at=moment))
        return sorted(rows, key=lambda row: row.stock_id)

    def crossings(self, changed: Iterable[AvailabilityRow]) -> list[Crossing]:
        """The stores whose rows among those of `changed` have their first units, or no more."""
        found = []
        for row in changed:
            had_units, has_units = (
                each.available_to_promise > 0 for each in (self._stored[StockKey(row.store_id, row.sku)], row)
            )
            if had_units != has_units:
                found.append(Crossing(row.store_id, row.sku, has_units))
        return found

    def _free(self, key: StockKey) -> int:
        row = self._now[key]
        return row.on_hand - row.unsellable - max(row.committed, self._promised[key]) - row.safety_margin


def _reserving(row: AvailabilityRow, units: int) -> AvailabilityRow:
    """The row with so many units reserved: on hand, as far as there are as many, and beside."""
    reserved = min(units, max(0, row.on_hand - row.unsellable - row.committed))
    return replace(row, reserved=reserved, overreserved=units - reserved)
