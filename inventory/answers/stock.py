"""The handlers of `stock` and `allocation`: what stores have on their shelves, and how they answered."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.chunks.batch import Batch
from chassis.chunks.handling import Handler
from chassis.databases.mysql import Database, placeholders
from contracts.stores import ALLOCATION, STOCK, AllocationRow
from inventory import availability_rows, metrics, settings
from inventory.answers.applying import shelf_of
from inventory.decisions.rules import StockKey
from inventory.orders.scope import Work
from inventory.orders.settling import Clock, settle
from inventory.portions import portions

MOST_ROWS = 200
"""Rows of stock in one transaction, under one lock of their availability, which has a time limit."""

_LINE_COUNTS = "SELECT order_id, line_count FROM replica_order WHERE order_id IN ({})"


def take_over_stock(database: Database, clock: Clock) -> Handler:
    """Takes over the newest units and reorder levels of each stock. Orders that wait for units get them."""

    async def handle(batch: Batch) -> None:
        stocks = batch.newest(STOCK)
        for rows in (stocks[first : first + MOST_ROWS] for first in range(0, len(stocks), MOST_ROWS)):
            keys = {StockKey(row.store_id, row.sku) for row in rows}
            await availability_rows.make_missing(database, keys, settings.SAFETY_MARGIN, clock())
            metrics.count(await settle(database, Work(stocks=rows), clock))

    return handle


def process_answers(database: Database, clock: Clock) -> Handler:
    """Takes over answers with the units on the shelves after them, in one transaction, and decides their orders."""

    async def handle(batch: Batch) -> None:
        for rows in await _by_orders(database, batch.newest(ALLOCATION)):
            keys = {StockKey(row.store_id, row.sku) for row in rows if shelf_of(row)}
            await availability_rows.make_missing(database, keys, settings.SAFETY_MARGIN, clock())
            metrics.count(await settle(database, Work(answers=rows), clock))

    return handle


async def _by_orders(database: Database, answers: Sequence[AllocationRow]) -> list[list[AllocationRow]]:
    """The answers in portions, those about one order together: all of its lines are looked at."""
    of_order: dict[UUID | None, list[AllocationRow]] = {}
    for row in answers:
        of_order.setdefault(row.order_id, []).append(row)
    ids = [str(each) for each in of_order if each]
    counts: dict[str, int] = {}
    if ids:
        async with database.reading() as connection:
            rows = await connection.fetch_all(_LINE_COUNTS.format(placeholders(ids)), ids)
        counts = {row["order_id"]: row["line_count"] for row in rows}
    sized = [(some, max(len(some), counts.get(str(order_id), 0))) for order_id, some in of_order.items()]
    return [[row for some in portion for row in some] for portion in portions(sized)]
