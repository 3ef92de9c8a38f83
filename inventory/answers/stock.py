"""The handlers of `stock` and `allocation`: what stores have on their shelves, and how they answered."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TypeVar

from chassis.chunks.batch import Batch
from chassis.chunks.handling import Handler
from chassis.databases.mysql import Connection, Database, transact
from contracts.stores import ALLOCATION, STOCK, AllocationRow, StockRow
from inventory import availability_rows, metrics, settings
from inventory.answers.applying import shelf_of, take_stock
from inventory.levels import Levels
from inventory.orders.settling import Clock, Work, settle
from inventory.rules import StockKey
from inventory.stored_rows import write_rows_later

AnyRow = TypeVar("AnyRow", StockRow, AllocationRow)

MOST_ROWS = 200
"""Rows in one transaction, under one lock of their availability, which has a time limit."""


def take_over_stock(database: Database, clock: Clock) -> Handler:
    """Takes over the newest units and reorder levels of each stock."""

    async def handle(batch: Batch) -> None:
        for rows in _portions(batch.newest(STOCK)):
            keys = {StockKey(row.store_id, row.sku) for row in rows}
            await availability_rows.make_missing(database, keys, settings.SAFETY_MARGIN, clock())
            await transact(database, partial(_restock, rows=rows, clock=clock))

    return handle


def process_answers(database: Database, clock: Clock) -> Handler:
    """Takes over answers with the units on the shelves after them, in one transaction, and decides their orders."""

    async def handle(batch: Batch) -> None:
        for rows in _portions(batch.newest(ALLOCATION)):
            keys = {StockKey(row.store_id, row.sku) for row in rows if shelf_of(row)}
            await availability_rows.make_missing(database, keys, settings.SAFETY_MARGIN, clock())
            metrics.count(await settle(database, Work(answers=rows), clock))

    return handle


async def _restock(tx: Connection, *, rows: Sequence[StockRow], clock: Clock) -> None:
    levels = Levels(await availability_rows.lock(tx, {row.stock_id for row in rows}))
    take_stock(levels, rows)
    write_rows_later(tx, availability_rows.TABLE, availability_rows.KEY, levels.changed(clock()))


def _portions(rows: Sequence[AnyRow]) -> list[Sequence[AnyRow]]:
    return [rows[first : first + MOST_ROWS] for first in range(0, len(rows), MOST_ROWS)]
