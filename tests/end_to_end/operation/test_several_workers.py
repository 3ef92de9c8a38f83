"""Several workers share the partitions: added, killed, paused and taken away while orders stream, they end exactly."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from chassis import settings
from tests.support.eventually import eventually
from tests.support.gateway.graph import assert_last_word_is_the_read_model
from tests.support.shop.builders import a_customer, graphql
from tests.support.shop.orders_in_bulk import Source, orders_streaming
from tests.support.system.workers import members, workers
from tests.support.views.comparison import assert_views_equal_mysql

pytestmark = pytest.mark.drill

ORDERS = int(os.environ.get("OMS_TEST_ORDERS", "3000"))
AT_ONCE = max(20, ORDERS // 600)


async def test_whatever_becomes_of_them_the_end_is_exact(system: dict[str, str], tmp_path: Path) -> None:
    customer = await a_customer(name="Customer of many orders")
    await eventually(lambda: _is_shown(customer["id"]))

    async with workers(3, tmp_path) as (second, third, fourth):
        async with orders_streaming(customer["id"], AT_ONCE) as source:
            second.start()
            third.start()
            await eventually(second.is_ready)
            await eventually(third.is_ready)
            await _more_orders(source)

            async with _orders_held_up():
                await _more_orders(source)
                second.send(signal.SIGKILL)
            await eventually(second.is_ready)

            await eventually(lambda: _members_are(3))
            async with _orders_held_up():
                await _more_orders(source)
                third.send(signal.SIGSTOP)
            await eventually(lambda: _members_are(2))
            await _more_orders(source)
            third.send(signal.SIGCONT)
            await eventually(lambda: _members_are(3))
            await eventually(third.is_ready)

            fourth.start()
            await eventually(lambda: _members_are(4))
            assert await second.stop() == 0
            await eventually(lambda: _members_are(3))
            await eventually(lambda: _at_least(ORDERS, source), timeout_s=240)
        await eventually(assert_views_equal_mysql)
        await eventually(lambda: assert_last_word_is_the_read_model(source.order_ids))


@asynccontextmanager
async def _orders_held_up() -> AsyncIterator[None]:
    """Nobody can write an order into the read model meanwhile, so each worker has chunks that it has begun."""
    account = settings.postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD")
    connection = await asyncpg.connect(
        host=account.host, port=account.port, user=account.user, password=account.password, database=account.database
    )
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE read_model.sales_order, read_model.incomplete_order IN EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


async def _more_orders(source: Source) -> None:
    """Wait until the stream went on for a while."""
    so_far = len(source.order_ids)
    await eventually(lambda: _at_least(so_far + 10 * AT_ONCE, source))


def _at_least(number: int, source: Source) -> None:
    assert len(source.order_ids) >= number


async def _members_are(number: int) -> None:
    assert await members("orders_stream") == number


async def _is_shown(customer_id: str) -> None:
    shown = await graphql("query ($id: ID!) { customer(id: $id) { name } }", id=customer_id)
    assert shown["customer"]
