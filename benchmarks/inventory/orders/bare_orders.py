"""The limit: the statements of a batch of orders with values that are ready, and no decision."""

from __future__ import annotations

from collections import Counter

from msgspec.structs import replace

from benchmarks.inventory.shelves import NOW, STORE
from chassis.chunks.batch import Batch
from chassis.databases.mysql import Database, placeholders
from contracts.inventory.availability import AvailabilityRow
from contracts.inventory.reservations import ReservationRow
from contracts.inventory.sourcing import SourcingRow
from contracts.orders import ORDER, ORDER_DETAIL, OrderDetailRow, OrderRow
from inventory import availability_rows
from inventory.decisions.rules import Part
from inventory.orders import replica, repository
from inventory.orders.terms import TERMS
from inventory.reservations import asked
from inventory.stored_rows import read_row, write_rows_later


class BareBatch:
    """One batch, prepared before it is measured."""

    def __init__(self, batch: Batch) -> None:
        self._orders, self._lines = batch.newest(ORDER), batch.newest(ORDER_DETAIL)
        self._reservations = [_reservation(line) for line in self._lines]
        self._sourcings = [_sourcing(order) for order in self._orders]
        self._units = Counter(line.sku for line in self._lines)

    async def write(self, database: Database) -> None:
        """Execute the statements."""
        ids = [str(order.order_id) for order in self._orders]
        skus = list(self._units)
        async with database.reading() as connection:
            stock_ids, _ = await repository.scope(connection, ids, skus)
        async with database.transaction() as tx:
            replica.write_later(tx, self._orders, self._lines)
            locked = await tx.fetch_all(availability_rows.LOCK.format(placeholders(stock_ids)), sorted(stock_ids))
            await tx.fetch_all(repository.ORDERS.format(placeholders(ids)), ids)
            await tx.fetch_all(repository.RESERVATIONS.format(placeholders(ids)), ids)
            await tx.fetch_all(TERMS.format(placeholders(skus)), skus)
            repository.write_later(tx, self._reservations, self._sourcings)
            rows = [read_row(AvailabilityRow, row) for row in locked]
            reserved = [replace(row, reserved=row.reserved + self._units[row.sku]) for row in rows]
            write_rows_later(tx, availability_rows.TABLE, availability_rows.KEY, reserved)


def _reservation(line: OrderDetailRow) -> ReservationRow:
    return asked(Part(line.order_detail_id, STORE, line.sku, 1), line.order_id, 1, 1, NOW)


def _sourcing(order: OrderRow) -> SourcingRow:
    return SourcingRow(
        order_id=order.order_id,
        lines_version=1,
        placed_at=NOW,
        status="reserved",
        lines="[]",
        decided_at=NOW,
        updated_at=NOW,
        version=1,
    )
