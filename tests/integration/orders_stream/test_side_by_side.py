"""Rows of one order in several partitions, as after partitions were added: shuffled, repeated, while workers die."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import msgspec
import pytest

from chassis.chunks.batch import Batch
from chassis.databases.migrations import migrate_postgres
from chassis.databases.postgres import Database
from chassis.http.errors.problems import Unavailable
from contracts.orders import ORDER, ORDER_DETAIL, OrderDetailRow, OrderGraph, OrderRow
from orders_stream import incomplete, sales_orders
from orders_stream.agents import join_orders
from orders_stream.merging import Order, Rows, merge
from orders_stream.settings import MIGRATIONS, read_model
from tests.support.shop.rows import a_batch, a_line, an_order
from tests.support.views.read_model import TABLES

PARTITIONS, ORDERS = 3, 30

Row = OrderRow | OrderDetailRow


class Died(Exception):
    """The worker was killed before it had published everything."""


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    opened = read_model()
    async with opened.connection() as connection:
        await migrate_postgres(connection, MIGRATIONS)
        await connection.execute(f"TRUNCATE {TABLES}, progress")
    yield opened
    await opened.close()


def a_history(chance: random.Random) -> Rows:
    """An order that moves on, whose lines change, of which a line or all is deleted."""
    row = an_order(line_count=chance.randint(0, 3))
    history = Rows(row.order_id)
    history.lines = [a_line(row, number + 1) for number in range(row.line_count)]
    history.orders = [row]
    for _ in range(chance.randint(0, 4)):
        row = msgspec.structs.replace(row, version=row.version + 1, status=chance.choice(["confirmed", "shipped"]))
        if chance.random() < 0.3:
            row = msgspec.structs.replace(row, lines_version=row.lines_version + 1, line_count=chance.randint(1, 3))
            history.lines += [a_line(row, number + 1) for number in range(row.line_count)]
        elif history.lines and chance.random() < 0.2:
            history.lines.append(msgspec.structs.replace(chance.choice(history.lines), is_deleted=True))
        history.orders.append(row)
    if chance.random() < 0.15:
        history.orders.append(msgspec.structs.replace(row, is_deleted=True))
    return history


def a_chunk(rows: Sequence[Row], partition: int) -> Batch:
    orders = [row for row in rows if isinstance(row, OrderRow)]
    lines = [row for row in rows if isinstance(row, OrderDetailRow)]
    batch = a_batch(ORDER, orders, partition)
    batch = replace(batch, position=replace(batch.position, partition=partition))
    beside = a_batch(ORDER_DETAIL, lines, partition)
    return replace(batch, beside=replace(beside, position=replace(beside.position, partition=partition)))


@pytest.mark.parametrize("seed", range(4))
async def test_the_last_state_is_shown_and_published(database: Database, seed: int) -> None:
    chance, published = random.Random(seed), list[OrderGraph]()

    async def publish(orders: Sequence[OrderGraph]) -> None:
        if chance.random() < 0.25:
            published.extend(orders[: chance.randint(0, len(orders))])
            raise Died
        await asyncio.sleep(0)
        published.extend(orders)

    workers = [join_orders(database, publish) for _ in range(3)]

    async def read(partition: int, rows: Sequence[Row]) -> None:
        while rows:
            size = chance.randint(1, 25)
            while True:
                number = chance.randrange(len(workers))
                try:
                    await workers[number](a_chunk(rows[:size], partition))
                    break
                except Died:
                    workers[number] = join_orders(database, publish)
                except Unavailable:  # two transactions lock orders of each other: Postgres ends one
                    continue
            rows = rows[size:]

    histories = [a_history(chance) for _ in range(ORDERS)]
    rows: list[Row] = []
    for history in histories:
        rows += [*history.orders, *history.lines]
    chance.shuffle(rows)
    rows += chance.sample(rows, len(rows) // 3)
    await asyncio.gather(*(read(number, rows[number::PARTITIONS]) for number in range(PARTITIONS)))

    async with database.connection() as connection:
        shown = await sales_orders.read(connection, [history.order_id for history in histories])
        alive = [order_id for order_id, order in shown.items() if not order.row.is_deleted]
        waiting = await incomplete.read(connection, alive)
    expected = {each.order_id: merge(None, Rows(each.order_id), each).shown for each in histories}
    assert shown == expected
    assert waiting == {}
    last = {order.id: order for order in sorted(published, key=lambda order: order.version)}
    assert {order_id: document_of(order) for order_id, order in shown.items()} == {
        order_id: (order.version, order.deleted, [line.id for line in order.lines]) for order_id, order in last.items()
    }


def document_of(order: Order) -> tuple[int, bool, list[object]]:
    lines = [line.order_detail_id for line in order.lines if not line.is_deleted]
    return order.row.newest_version, order.row.is_deleted, list(lines)
