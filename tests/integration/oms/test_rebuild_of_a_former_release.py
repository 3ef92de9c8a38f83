"""`oms rebuild` from a read model with the layout of an earlier release, and back to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import asyncpg
import msgspec
import pytest

from chassis.chunks.batch import Position
from chassis.databases.postgres import PoolConnection
from contracts.orders import OrderDetailRow, OrderRow
from oms.repair.rebuild import read_model, schemas
from oms.repair.rebuild.schemas import LIVE, NEXT, PREVIOUS
from tests.support.shop.on_topics import put
from tests.support.shop.rows import NOON, a_line, an_order
from tests.support.views.former_read_model import make_former, put_shown
from tests.support.views.rebuilding import bring_up_to_date, fill_of, lone_read_model


@pytest.fixture
async def owner(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PoolConnection]:
    """A connection to the live read model, which has the former layout and no rows."""
    async with lone_read_model(monkeypatch) as connection:
        await schemas.drop(connection, LIVE)
        await make_former(connection, LIVE)
        yield connection


def an_order_with_lines(**changes: object) -> tuple[OrderRow, list[OrderDetailRow]]:
    order = an_order(line_count=2, **changes)
    return order, [a_line(order, 1), a_line(order, 2)]


async def has_read_all(connection: PoolConnection) -> None:
    """Give the live read model the progress of a worker that has read all topics."""
    await schemas.make(connection, NEXT)
    async with fill_of(NEXT) as fill:
        ends = await fill.ends()
    await schemas.drop(connection, NEXT)
    async with connection.transaction():
        positions = [Position(each.topic, each.partition, end, NOON) for each, end in ends.items()]
        await schemas.advance(connection, LIVE, positions)


async def test_orders_are_carried_over_with_their_lines(
    owner: PoolConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    order, lines = an_order_with_lines()
    deleted_by_hand = msgspec.structs.replace(lines[1], is_deleted=True)
    before = await oid(owner, LIVE)
    await put(order, *lines, deleted_by_hand)
    await put_shown(owner, LIVE, order, lines[0], deleted_by_hand)
    await has_read_all(owner)

    await read_model.rebuild(fresh=False)

    said = capsys.readouterr().out
    assert f"sales_order {order.order_id}" not in said, "it is the same in both layouts"
    assert "start `orders_stream` and the gateway of this release" in said.replace("\n", " ")
    assert await oid(owner, PREVIOUS) == before
    [shown] = await owner.fetch(f"SELECT * FROM {LIVE}.sales_order WHERE order_id = $1", order.order_id)
    assert [(line["line_number"], line["deleted"]) for line in shown["lines"]] == [(1, False), (2, True)]
    assert (shown["status"], shown["version"], shown["skus"]) == ("placed", 1, [lines[0].sku])


async def test_an_order_that_was_wrong_is_named(owner: PoolConnection, capsys: pytest.CaptureFixture[str]) -> None:
    (wrong, lines), (short, of_short) = an_order_with_lines(), an_order_with_lines()
    await put(wrong, short, *lines, *of_short)
    await put_shown(owner, LIVE, msgspec.structs.replace(wrong, subtotal=Decimal(1)), *lines)
    await put_shown(owner, LIVE, short, of_short[0])
    await has_read_all(owner)

    await read_model.rebuild(fresh=False)

    said = capsys.readouterr().out
    for order in (wrong, short):
        assert f"sales_order {order.order_id}: version 1 differs in the new one" in said


async def test_a_deletion_that_the_topics_forgot_is_carried_over(owner: PoolConnection) -> None:
    order, lines = an_order_with_lines()
    await put_shown(owner, LIVE, msgspec.structs.replace(order, version=7, is_deleted=True), *lines)
    await owner.execute(f"UPDATE {LIVE}.shown_order SET source = NULL")

    await read_model.rebuild(fresh=False)
    await put(order, *lines)
    await bring_up_to_date(LIVE)

    [row] = await owner.fetch(f"SELECT * FROM {LIVE}.sales_order WHERE order_id = $1", order.order_id)
    assert (row["version"], row["deleted"], row["lines"], row["source"]) == (8, True, [], "")


async def test_what_this_release_cannot_write_is_swapped_in_as_it_is(
    owner: PoolConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    (before, lines), (after, of_after) = an_order_with_lines(), an_order_with_lines()
    first = await oid(owner, LIVE)
    await put(before, *lines)
    await put_shown(owner, LIVE, before, *lines)
    await has_read_all(owner)
    progress = await schemas.progress(owner, LIVE)
    await read_model.rebuild(fresh=False)
    await put(after, *of_after)
    await bring_up_to_date(LIVE)

    await read_model.undo()

    assert await oid(owner, LIVE) == first
    assert await schemas.progress(owner, LIVE) == progress, "the former worker continues where it ended"
    assert "start those of the earlier one" in capsys.readouterr().out.replace("\n", " ")

    await read_model.undo()

    sql = f"SELECT count(*) FROM {LIVE}.sales_order WHERE order_id = ANY($1)"
    assert await owner.fetchval(sql, [before.order_id, after.order_id]) == 2
    assert await oid(owner, PREVIOUS) == first


async def test_a_worker_of_this_release_says_what_to_run(owner: PoolConnection) -> None:
    order, lines = an_order_with_lines()
    await put_shown(owner, LIVE, order, *lines)

    with pytest.raises(asyncpg.RaiseError, match=r"(?s)layout of an earlier release.*oms rebuild read-model"):
        await schemas.make(owner, LIVE)

    assert await owner.fetchval(f"SELECT count(*) FROM {LIVE}.shown_order") == 1


async def oid(connection: PoolConnection, schema: str) -> int:
    """What a schema is, whatever its name."""
    found: int = await connection.fetchval("SELECT oid FROM pg_namespace WHERE nspname = $1", schema)
    return found
