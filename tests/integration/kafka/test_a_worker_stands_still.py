"""A worker that stood still while another one took over neither blocks it nor has the last word."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import msgspec
import pytest

from chassis import settings
from chassis.databases.migrations import migrate_postgres
from chassis.databases.postgres import Database
from chassis.http.errors.problems import Unavailable
from contracts.orders import ORDER, ORDER_DETAIL, OrderGraph, OrderStatus
from orders_stream.agents import join_orders
from orders_stream.settings import MIGRATIONS, read_model
from orders_stream.transactions import writing_orders
from tests.support.shop.rows import a_batch, a_line, an_order
from tests.support.views.read_model import TABLES

PLACED = an_order()
CANCELLED = msgspec.structs.replace(PLACED, version=2, status=OrderStatus.CANCELLED)


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    opened = read_model()
    async with opened.connection() as connection:
        await migrate_postgres(connection, MIGRATIONS)
        await connection.execute(f"TRUNCATE {TABLES}, progress")
    yield opened
    await opened.close()


async def test_what_it_tells_late_is_told_anew_as_it_is_by_now(database: Database) -> None:
    told: list[OrderGraph] = []

    async def publish(orders: Sequence[OrderGraph]) -> None:
        told.extend(orders)

    async def publish_late(orders: Sequence[OrderGraph]) -> None:
        """It stands still on its way to the broker; another worker tells what it left, then hears the cancellation."""
        if not told:
            await join_orders(database, publish)(a_batch(ORDER, [CANCELLED], first_offset=1))
        await publish(orders)

    await join_orders(database, publish)(a_batch(ORDER_DETAIL, [a_line(PLACED)]))
    await join_orders(database, publish_late)(a_batch(ORDER, [PLACED]))

    assert [order.version for order in told] == [1, 2, 1, 2]


async def test_its_locks_are_taken_from_it(database: Database) -> None:
    account = settings.postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD")
    patient, still = Database(account), Database(replace(account, timeout_s=0.5))
    taken: list[int] = []

    async def stand_still() -> None:
        async with writing_orders(still, 1) as standing:
            async with writing_orders(patient, 1):  # in vain, for as long as the other transaction is open
                taken.append(1)
            await standing.execute("SELECT 1")

    try:
        with pytest.raises(Unavailable):
            await stand_still()
        assert taken == [1]
    finally:
        await patient.close()
        await still.close()
