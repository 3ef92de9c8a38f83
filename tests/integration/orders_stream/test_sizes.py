"""An order that is too large for `orders-graph` is set aside by itself, at once; its customer and all others go on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
import pytest
from aiokafka import ConsumerRecord
from faust.types import TP

from chassis.chunks.chunk import Chunk
from chassis.chunks.lanes import Lanes
from chassis.chunks.reading import _Work
from chassis.databases.migrations import migrate_postgres
from chassis.databases.postgres import Database
from chassis.kafka import batch_producer
from chassis.kafka.batch_producer import Sender
from contracts.customers import CUSTOMER
from contracts.orders import ORDER, ORDER_DETAIL, ORDERS_GRAPH, OrderDetailRow, OrderGraph, OrderRow
from contracts.rows import Row
from orders_stream import republish
from orders_stream.agents import join_orders, project_customers
from orders_stream.publishing import publisher
from orders_stream.republish import Publish
from orders_stream.settings import MIGRATIONS, read_model
from tests.support.aside import Aside
from tests.support.gateway.graph import told
from tests.support.shop.rows import a_batch, a_customer, a_line, a_record, an_order
from tests.support.views.read_model import TABLES

MARIA = a_customer()
LINES = 400
"""Of the order that is too large: each line alone would be set aside if what is bad were halved until it is found."""


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    opened = read_model()
    async with opened.connection() as connection:
        await migrate_postgres(connection, MIGRATIONS)
        await connection.execute(f"TRUNCATE {TABLES}, progress")
    yield opened
    await opened.close()


class Counted:
    """Publishes on the real topic, and notes how many lines each document of each batch has."""

    def __init__(self, publish: Publish) -> None:
        self.batches: list[list[int]] = []
        self._publish = publish

    async def __call__(self, orders: Sequence[OrderGraph]) -> None:
        self.batches.append([len(order.lines) for order in orders])
        await self._publish(orders)


@pytest.fixture
async def publish(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Counted]:
    monkeypatch.setattr(batch_producer, "RECORD_BYTES", 30_000)
    sender = Sender(ORDERS_GRAPH.name)
    yield Counted(publisher(sender))
    await sender.close()


def of_maria(lines: int) -> tuple[OrderRow, list[OrderDetailRow]]:
    order = an_order(customer_id=MARIA.customer_id, line_count=lines)
    return order, [a_line(order, number) for number in range(1, lines + 1)]


def a_chunk(topic: str, rows: Sequence[Row]) -> Chunk:
    class Nobody:
        def chunk_done(self, chunk: Chunk) -> None:
            return

        def is_in_flight(self, chunk: Chunk) -> bool:
            return True

    records: list[ConsumerRecord] = [
        a_record(topic, msgspec.json.encode(row), offset) for offset, row in enumerate(rows)
    ]
    return Chunk(TP(topic, 0), records, len(records), Nobody())


async def read(database: Database, publish: Publish, chunks: Sequence[Chunk]) -> Aside:
    """Let the chunks be worked on together, as they are when several wait. What was set aside."""
    aside = Aside()
    sources: dict[str, tuple[Any, Any]] = {topic.name: (topic, topic.decoder()) for topic in (ORDER, ORDER_DETAIL)}
    async with Lanes(_Work(join_orders(database, publish), aside, sources).do) as lanes:
        for chunk in chunks:
            lanes.add(chunk)
    return aside


async def test_exactly_the_one_order_is_set_aside_once(database: Database, publish: Counted) -> None:
    small, large = [of_maria(1) for _ in range(20)], of_maria(LINES)
    orders = [*small[:10], large, *small[10:]]

    aside = await read(
        database,
        publish,
        [
            a_chunk(ORDER_DETAIL.name, [line for _, lines in orders for line in lines]),
            a_chunk(ORDER.name, [order for order, _ in orders]),
        ],
    )

    assert [letter.identity for letter in aside.letters] == [f"orders_stream/{ORDER.name}/0/10"]
    assert ORDERS_GRAPH.name in aside.letters[0].reason
    assert len(publish.batches) <= 2
    known, _ = await told()
    assert {order.order_id for order, _ in small} <= known.keys()
    assert large[0].order_id not in known
    assert await shown(database) == 21


async def test_lines_that_make_an_order_whole_are_one_letter(database: Database, publish: Counted) -> None:
    order, lines = of_maria(LINES)
    await read(database, publish, [a_chunk(ORDER.name, [order])])

    aside = await read(database, publish, [a_chunk(ORDER_DETAIL.name, lines)])

    assert [letter.identity for letter in aside.letters] == [f"orders_stream/{ORDER_DETAIL.name}/0/0"]
    assert await shown(database) == 1


async def test_its_customer_changes_and_goes_and_the_others_are_told(
    database: Database, publish: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(republish, "MOST_LINES_AT_ONCE", 5)
    small, (large, lines) = [of_maria(1) for _ in range(20)], of_maria(LINES)
    rows = [*(order for order, _ in small), large], [*(line for _, lines in small for line in lines), *lines]
    project = project_customers(database, publish)
    await project(a_batch(CUSTOMER, [MARIA]))
    await read(database, publish, [a_chunk(ORDER.name, rows[0]), a_chunk(ORDER_DETAIL.name, rows[1])])

    publish.batches.clear()

    await project(a_batch(CUSTOMER, [msgspec.structs.replace(MARIA, version=2, is_deleted=True)]))

    _, last = await told()
    assert {last[order.order_id].customer for order, _ in small} == {None}
    assert sum(map(len, publish.batches)) == 21
    assert all(sum(lines) <= 5 or lines == [LINES] for lines in publish.batches)


async def shown(database: Database) -> int:
    async with database.connection() as connection:
        count: int = await connection.fetchval("SELECT count(*) FROM sales_order")
        return count
