"""The join: an order is shown when it is whole, the same however its rows arrive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any
from uuid import UUID

import msgspec
import pytest

from chassis.chunks.batch import Position
from chassis.databases.migrations import migrate_postgres
from chassis.databases.postgres import Database, PoolConnection
from contracts.orders import ORDER, ORDER_DETAIL, OrderDetailRow, OrderGraph, OrderRow, OrderStatus
from contracts.rows import Row
from orders_stream import repository
from orders_stream.agents import join_orders
from orders_stream.settings import MIGRATIONS, read_model
from tests.support.shop.rows import NOON, a_batch, a_line, an_order
from tests.support.views.read_model import TABLES

PLACED = an_order(line_count=2)
CANCELLED = msgspec.structs.replace(PLACED, version=2, status=OrderStatus.CANCELLED)
LINE_1, LINE_2 = a_line(PLACED, 1), a_line(PLACED, 2)


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    opened = read_model()
    async with opened.connection() as connection:
        await migrate_postgres(connection, MIGRATIONS)
        await connection.execute(f"TRUNCATE {TABLES}, progress")
    yield opened
    await opened.close()


async def arrive(database: Database, rows: Sequence[Row]) -> list[OrderGraph]:
    """Each row in a chunk of its own, as they come; what was published."""
    published: list[OrderGraph] = []

    async def publish(orders: Sequence[OrderGraph]) -> None:
        published.extend(orders)

    join = join_orders(database, publish)
    for offset, row in enumerate(rows):
        topic: Any = ORDER if isinstance(row, OrderRow) else ORDER_DETAIL
        await join(a_batch(topic, [row], first_offset=offset))
    return published


async def shown(database: Database, order_id: UUID) -> tuple[int, str, list[int]] | None:
    """Version, status and line numbers of an order as readers see it."""
    async with database.connection() as connection:
        order = await connection.fetchrow("SELECT * FROM sales_order WHERE order_id = $1 AND NOT deleted", order_id)
        if order is None:
            return None
        lines = await connection.fetch(
            "SELECT line_number FROM order_line WHERE order_id = $1 AND lines_version = $2 AND NOT deleted ORDER BY 1",
            order_id,
            order["lines_version"],
        )
    return order["version"], order["status"], [line["line_number"] for line in lines]


@pytest.mark.parametrize("arrival", list(permutations([PLACED, LINE_1, LINE_2, CANCELLED, LINE_1])))
async def test_an_order_is_the_same_however_its_rows_arrive(database: Database, arrival: tuple[Row, ...]) -> None:
    await arrive(database, arrival)

    assert await shown(database, PLACED.order_id) == (2, "cancelled", [1, 2])


@pytest.mark.parametrize("arrival", [[PLACED], [PLACED, LINE_1], [LINE_1, LINE_2], [LINE_2, PLACED]])
async def test_nobody_sees_half_an_order(database: Database, arrival: list[Row]) -> None:
    published = await arrive(database, arrival)

    assert await shown(database, PLACED.order_id) is None
    assert published == []


async def test_the_last_whole_state_is_shown_while_the_lines_change(database: Database) -> None:
    changed = msgspec.structs.replace(PLACED, version=2, lines_version=2, line_count=1)
    new_line = a_line(changed, 1, quantity=9)
    await arrive(database, [PLACED, LINE_1, LINE_2])

    await arrive(database, [changed])
    between = await shown(database, PLACED.order_id)
    await arrive(database, [new_line])

    assert between == (1, "placed", [1, 2])
    assert await shown(database, PLACED.order_id) == (2, "placed", [1])


async def test_a_deleted_order_is_hidden_and_no_duplicate_brings_it_back(database: Database) -> None:
    deleted = msgspec.structs.replace(PLACED, is_deleted=True)
    await arrive(database, [PLACED, LINE_1, LINE_2, deleted])

    await arrive(database, [PLACED, LINE_1, LINE_2])

    assert await shown(database, PLACED.order_id) is None


async def test_a_line_deleted_by_hand_is_gone_from_the_order(database: Database) -> None:
    deleted = msgspec.structs.replace(LINE_2, is_deleted=True)

    published = await arrive(database, [PLACED, LINE_1, LINE_2, deleted])

    assert await shown(database, PLACED.order_id) == (1, "placed", [1])
    assert [line.line_number for line in published[-1].lines] == [1]


@pytest.mark.parametrize("chunks", [1, 2])
async def test_an_order_goes_on_after_a_line_was_deleted_by_hand(database: Database, chunks: int) -> None:
    deleted = msgspec.structs.replace(LINE_2, is_deleted=True)
    lines = [LINE_1, LINE_2, deleted] if chunks == 2 else [LINE_1, deleted]  # one chunk has the newest version alone

    await arrive(database, [PLACED, *lines, CANCELLED])

    assert await shown(database, PLACED.order_id) == (2, "cancelled", [1])


@pytest.mark.parametrize("number", [1, 3])
async def test_an_order_goes_on_after_an_invented_line_was_deleted(database: Database, number: int) -> None:
    """`oms reconcile --repair` says on the topic that a line is deleted which MySQL never had."""
    invented = a_line(PLACED, number, is_deleted=True)

    await arrive(database, [PLACED, LINE_1, invented])
    half = await shown(database, PLACED.order_id)
    await arrive(database, [LINE_2, CANCELLED])

    assert half is None
    assert await shown(database, PLACED.order_id) == (2, "cancelled", [1, 2])


@pytest.mark.parametrize("others_are_told", [True, False])
async def test_an_order_is_shown_whose_rows_are_written_side_by_side(
    database: Database, monkeypatch: pytest.MonkeyPatch, others_are_told: bool
) -> None:
    """After `oms topics add-partitions`, an order's newer row is in another partition than its lines."""
    told: list[OrderGraph] = []
    both = asyncio.Barrier(2)

    def together(advance: Any) -> Any:
        async def advance_together(tx: PoolConnection, positions: Sequence[Position], *rest: Any) -> Any:
            result = await advance(tx, positions, *rest)
            if positions:
                await both.wait()
            return result

        return advance_together

    async def publish(orders: Sequence[OrderGraph]) -> None:
        told.extend(orders)

    join = join_orders(database, publish if others_are_told else None)
    another = an_order(line_count=0)  # so that no transaction is undone to take the partition over
    await join(a_batch(ORDER, [PLACED, another]))
    lines = a_batch(ORDER_DETAIL, [LINE_1, LINE_2])
    row = replace(a_batch(ORDER, [CANCELLED]), position=Position(ORDER.name, 2, 1, NOON))
    with monkeypatch.context() as patched:
        patched.setattr(repository, "advance", together(repository.advance))
        patched.setattr(repository, "advance_and_note_pending", together(repository.advance_and_note_pending))
        async with asyncio.timeout(60):
            await asyncio.gather(join(lines), join(row))

    assert await shown(database, PLACED.order_id) == (2, "cancelled", [1, 2])
    assert [order.version for order in told][-1:] == ([2] if others_are_told else [])


async def test_an_order_that_changed_nothing_is_published_again(database: Database) -> None:
    await arrive(database, [PLACED, LINE_1, LINE_2])

    # A worker that died between the commit and the publication reads the chunk again; first comes what it had left.
    published = await arrive(database, [LINE_2])

    assert [(order.id, order.version, len(order.lines)) for order in published] == [(PLACED.order_id, 1, 2)] * 2


async def test_progress_is_stored_and_never_goes_back(database: Database) -> None:
    async with database.transaction() as tx:
        for offset in (5, 9, 7):
            await repository.advance(tx, [Position("order", 1, offset, NOON)])
        progress = await tx.fetchval("SELECT next_offset FROM progress WHERE topic = 'order' AND partition = 1")

    assert progress == 9


async def test_many_orders_of_one_chunk_are_all_shown(database: Database) -> None:
    orders = [an_order() for _ in range(500)]
    lines: list[OrderDetailRow] = [a_line(order) for order in orders]

    async def publish(_: Sequence[OrderGraph]) -> None:
        return

    join = join_orders(database, publish)
    await join(a_batch(ORDER_DETAIL, lines))
    await join(a_batch(ORDER, orders))

    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM sales_order WHERE NOT deleted") == 500
