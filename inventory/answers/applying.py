"""What the rows of stores change: the units on their shelves, and the reservations that they answer, and
what they booked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from contracts.inventory.reservations import ReservationRow
from contracts.stores import AllocationRow, ReceiptRow, StockRow
from inventory.decisions.rules import StockKey
from inventory.levels import Levels, Shelf
from inventory.reservations import answered, key_of, promised_units


def take_stock(levels: Levels, rows: Iterable[StockRow]) -> None:
    """Take over units and reorder levels, unless newer ones are known. A stock that was deleted has no units."""
    for row in rows:
        key, version = StockKey(row.store_id, row.sku), row.newest_version
        # An answer may have brought the units of this version already, but not the levels.
        if version >= levels[key].stock_version:
            units = (0, 0, 0) if row.is_deleted else (row.on_hand, row.unsellable, row.committed)
            levels.restock(key, Shelf(*units, version, row.delivered))
            orders_more = not row.is_deleted
            levels.set_reorder_levels(
                key, row.reorder_at if orders_more else None, row.reorder_to if orders_more else None
            )


def take_answers(
    levels: Levels, known: Mapping[UUID, ReservationRow], answers: Iterable[AllocationRow]
) -> dict[UUID, ReservationRow]:
    """Take over answers, with the units on the shelves after them. Returns the reservations that change."""
    changed: dict[UUID, ReservationRow] = {}
    for answer in answers:
        if (shelf := shelf_of(answer)) is not None:
            levels.restock(StockKey(answer.store_id, answer.sku), shelf)
        row = changed.get(answer.allocation_id, known.get(answer.allocation_id))
        if row is None:
            continue
        new = answered(row, answer)
        if new is not row:
            levels.promise(key_of(row), promised_units(new) - promised_units(row))
            changed[new.reservation_id] = new
    return changed


def take_receipts(levels: Levels, rows: Iterable[ReceiptRow]) -> None:
    """Take over the units on the shelves after these receipts, unless newer ones are known."""
    for row in rows:
        shelf = Shelf(row.on_hand, row.unsellable, row.committed, row.stock_version, row.delivered)
        levels.restock(StockKey(row.store_id, row.sku), shelf)


def shelf_of(answer: AllocationRow) -> Shelf | None:
    """The units in the store after this answer; None if it has no such stock."""
    values = answer.on_hand, answer.unsellable, answer.committed, answer.stock_version
    on_hand, unsellable, committed, version = values
    if on_hand is None or unsellable is None or committed is None or version is None:
        return None
    return Shelf(on_hand, unsellable, committed, version, answer.delivered)
