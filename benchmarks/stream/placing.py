"""Places orders for the latency benchmark: with the statements of the service, without HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import count
from time import perf_counter
from typing import Any

from benchmarks.stream import read_model, shop
from chassis.databases.migrations import migrate_mysql
from chassis.databases.mysql import Database
from chassis.rest import idempotency
from connectors.connect_api import Connect
from connectors.registration import as_for, configurations
from oms.prepare.mysql import prepare_mysql
from orders import repository
from orders.placement import rows
from orders.settings import MIGRATIONS, database

CONNECTOR = "oms-orders"


class Placer:
    """Places the orders of the shop in order; `committed_at` has the time of each commit (`perf_counter`)."""

    def __init__(self, orders: Database) -> None:
        self._orders, self._numbers = orders, count()
        self.committed_at: dict[str, float] = {}

    async def place(self) -> str:
        """Commit the next order with its lines. Returns its id."""
        order, lines = shop.order_rows(next(self._numbers))
        row = _stored(order, rows.ORDER_COLUMNS, rows.now())
        async with self._orders.transaction() as tx:
            await repository.insert_order(tx, row, [_stored(line, rows.LINE_COLUMNS, rows.now()) for line in lines])
        self.committed_at[order["order_id"]] = perf_counter()
        return str(order["order_id"])


def _stored(row: dict[str, Any], columns: tuple[str, ...], moment: datetime) -> dict[str, Any]:
    times = ("placed_at", "created_at", "updated_at")
    return {column: moment if column in times else row[column] for column in columns}


@asynccontextmanager
async def prepared() -> AsyncIterator[Placer]:
    """Prepare the orders database, its connector, and an empty read model."""
    await prepare_mysql()
    await read_model.empty()
    orders = database()
    try:
        await migrate_mysql(orders, idempotency.MIGRATIONS, MIGRATIONS)
        await _register(orders)
        yield Placer(orders)
    finally:
        await orders.close()


async def _register(orders: Database) -> None:
    async with orders.reading() as connection:
        version = await connection.fetch_one("SELECT VERSION() AS version")
    assert version is not None
    connect = Connect()
    try:
        await connect.configure(CONNECTOR, as_for(version["version"], configurations()[CONNECTOR]))
    finally:
        await connect.close()
