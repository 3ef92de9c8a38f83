"""The handler of `receipt`: what stores made of the units that were sent to them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from chassis.chunks.batch import Batch
from chassis.chunks.handling import Handler
from chassis.databases.mysql import Connection, Database, transact
from contracts.inventory.restocks import RestockRequestRow
from contracts.stores import RECEIPT, ReceiptRow
from inventory import availability_rows, metrics, settings
from inventory.answers.applying import take_receipts
from inventory.decisions.rules import StockKey
from inventory.levels import Levels
from inventory.orders.scope import Work
from inventory.orders.settling import Clock, settle
from inventory.restocking import repository
from inventory.restocking.requesting import request_missing
from inventory.restocking.rules import received

MOST_ROWS = 200
"""Receipts in one transaction, under one lock of their availability, which has a time limit."""


def close_requests(database: Database, clock: Clock) -> Handler:
    """Closes requests with what was added and refused, and takes over the units on the shelves after that."""

    async def handle(batch: Batch) -> None:
        receipts = [row for row in batch.newest(RECEIPT) if not row.is_deleted]
        for rows in (receipts[first : first + MOST_ROWS] for first in range(0, len(receipts), MOST_ROWS)):
            keys = {StockKey(row.store_id, row.sku) for row in rows}
            await availability_rows.make_missing(database, keys, settings.SAFETY_MARGIN, clock())
            closed, queued = await transact(database, partial(_close, rows=rows, clock=clock))
            metrics.count_restocks(closed)
            if queued:
                metrics.count(await settle(database, Work(skus=queued), clock))

    return handle


async def _close(
    tx: Connection, *, rows: Sequence[ReceiptRow], clock: Clock
) -> tuple[list[RestockRequestRow], set[str]]:
    """Returns the closed requests, and the SKUs that orders wait for: more of these is requested with their queue."""
    levels = Levels(await availability_rows.lock(tx, {row.stock_id for row in rows}))
    take_receipts(levels, rows)
    moment = clock()
    requests = await repository.lock_requests(tx, [row.inbound_id for row in rows])
    after = {
        row.inbound_id: received(requests[row.inbound_id], row, moment) for row in rows if row.inbound_id in requests
    }
    closed = [row for each, row in after.items() if row is not requests[each]]
    repository.update_later(tx, closed)
    queued = levels.with_backorders()
    others = {StockKey(row.store_id, row.sku) for row in rows if row.sku not in queued}
    await request_missing(tx, [levels.current(key) for key in sorted(others)], moment)
    await availability_rows.write(tx, levels, levels.changed(moment))
    return closed, queued
