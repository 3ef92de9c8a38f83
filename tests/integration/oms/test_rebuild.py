"""`oms rebuild` on real servers: fill, comparison, swap, undoing, with a worker of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import asyncpg
import msgspec
import pytest

from chassis import settings
from chassis.chunks.batch import Batch, Position
from chassis.chunks.handling import Handler
from chassis.databases.postgres import Database, PoolConnection
from chassis.databases.postgres_upserts import Upsert
from contracts.customers import CUSTOMER, CustomerRow
from contracts.orders import ORDER, OrderRow
from contracts.rows import Row
from contracts.topics import Topic
from oms.repair.rebuild import live_comparison, mysql_comparison, read_model, schemas
from oms.repair.rebuild.backfill import Backfill, Sources
from oms.repair.rebuild.errors import NoPreviousView, RebuildRunning, SwapTimeout, ViewDiffers
from oms.repair.rebuild.lock import rebuild_lock
from oms.repair.rebuild.schemas import LIVE, NEXT, PREVIOUS
from oms.repair.rebuild.swap import swap
from orders_stream.expired_schemas import drop_expired
from orders_stream.merging import by_order
from orders_stream.repository import advance, upsert
from orders_stream.transactions import writing, writing_orders
from orders_stream.writing import write as write_orders
from tests.support.eventually import eventually
from tests.support.shop.on_topics import put, put_raw
from tests.support.shop.rows import NOON, a_customer, a_line, an_order
from tests.support.views.rebuilding import bring_up_to_date, fill_of, lone_read_model

MAY_STAND_STILL = "SET LOCAL idle_in_transaction_session_timeout = 0"


@pytest.fixture
async def owner(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PoolConnection]:
    """A connection to the live read model, which is empty, and alone."""
    async with lone_read_model(monkeypatch) as connection:
        yield connection


class HeldUp(Sources):
    """Handlers that begin with a batch and go on with it when they may."""

    def __init__(self) -> None:
        super().__init__("orders_stream")
        self.has_begun, self.may_go_on = asyncio.Event(), asyncio.Event()

    def reads(self, *topics: Topic[Any], handle: Handler, side_by_side: bool = True) -> None:
        async def late(batch: Batch) -> None:
            self.has_begun.set()
            await self.may_go_on.wait()
            await handle(batch)

        super().reads(*topics, handle=late)


async def statuses(connection: PoolConnection, *orders: OrderRow, schema: str = LIVE) -> list[str | None]:
    """What the read model shows of orders."""
    sql = f"SELECT status FROM {schema}.sales_order WHERE order_id = $1 AND NOT deleted"
    return [await connection.fetchval(sql, order.order_id) for order in orders]


async def oid(connection: PoolConnection, schema: str) -> int:
    """What a schema is, whatever its name."""
    found: int = await connection.fetchval("SELECT oid FROM pg_namespace WHERE nspname = $1", schema)
    return found


def an_order_with_lines() -> tuple[OrderRow, list[Row]]:
    order = an_order(line_count=2)
    return order, [order, a_line(order, 1), a_line(order, 2)]


async def test_the_new_read_model_is_row_for_row_the_live_one(owner: PoolConnection) -> None:
    order, rows = an_order_with_lines()
    await put(a_customer(), *rows, msgspec.structs.replace(order, version=2, subtotal=Decimal(60)))
    await bring_up_to_date(LIVE)
    before = await oid(owner, LIVE)

    await read_model.rebuild(fresh=False)

    assert await oid(owner, PREVIOUS) == before
    for table in await schemas.tables(owner, LIVE):
        columns = ", ".join(f"{column}::text" for column in table.columns)  # a schema has its own type of lines
        live, previous = (f"SELECT {columns} FROM {schema}.{table.name}" for schema in (LIVE, PREVIOUS))
        assert await owner.fetchval(f"SELECT count(*) FROM ({live} EXCEPT {previous}) AS differing") == 0, table
        counts = [await owner.fetchval(f"SELECT count(*) FROM {each}.{table.name}") for each in (LIVE, PREVIOUS)]
        assert counts[0] == counts[1], table
    assert await owner.fetchval(f"SELECT subtotal FROM {LIVE}.sales_order WHERE order_id = $1", order.order_id) == 60


async def test_every_table_of_rows_is_compared(owner: PoolConnection) -> None:
    tables = {table.name: table.key for table in await schemas.tables(owner, LIVE)}

    assert tables == {
        "address": "address_id",
        "availability": "stock_id",
        "category": "slug",
        "customer": "customer_id",
        "depot": "depot",
        "product": "sku",
        "restock_request": "restock_request_id",
        "sales_order": "order_id",
        "shipment": "shipment_id",
        "order_return": "return_id",
        "sourcing": "order_id",
        "stock_policy": "policy_id",
        "store": "store_id",
    }


async def test_undo_brings_the_old_one_up_to_date_and_back(owner: PoolConnection) -> None:
    before, after = an_order_with_lines(), an_order_with_lines()
    await put(*before[1])
    await bring_up_to_date(LIVE)
    first = await oid(owner, LIVE)
    await read_model.rebuild(fresh=False)
    await put(*after[1], msgspec.structs.replace(before[0], version=2, is_deleted=True))
    await bring_up_to_date(LIVE)

    await read_model.undo()

    assert await oid(owner, LIVE) == first
    assert await statuses(owner, before[0], after[0]) == [None, "placed"]


async def test_without_a_rebuild_there_is_nothing_to_undo(owner: PoolConnection) -> None:
    with pytest.raises(NoPreviousView):
        await read_model.undo()


async def test_one_previous_read_model_is_kept(owner: PoolConnection) -> None:
    await read_model.rebuild(fresh=False)
    first = await oid(owner, LIVE)

    await read_model.rebuild(fresh=False)

    schemas_there = await owner.fetch("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'read\\_model%' ORDER BY 1")
    assert [row["nspname"] for row in schemas_there] == [LIVE, PREVIOUS]
    assert await oid(owner, PREVIOUS) == first


async def test_a_second_rebuild_is_refused_while_one_runs(owner: PoolConnection) -> None:
    async with rebuild_lock("read model"):
        with pytest.raises(RebuildRunning):
            await read_model.rebuild(fresh=False)

    await read_model.rebuild(fresh=False)


async def test_an_interrupted_rebuild_goes_on_from_where_it_was_unless_told_otherwise(owner: PoolConnection) -> None:
    first, second = an_order_with_lines(), an_order_with_lines()
    await put(*first[1])
    await bring_up_to_date(LIVE)
    await schemas.make(owner, NEXT)
    await bring_up_to_date(NEXT)
    # What only a fill from the start would write again.
    lines = f"SELECT count(*) FROM {LIVE}.order_line WHERE order_id = $1"
    await owner.execute(f"UPDATE {NEXT}.sales_order SET lines = '{{}}' WHERE order_id = $1", first[0].order_id)
    await put(*second[1])
    await bring_up_to_date(LIVE)

    await read_model.rebuild(fresh=False)
    lines_after_going_on = await owner.fetchval(lines, first[0].order_id)
    await read_model.undo()
    await read_model.rebuild(fresh=True)

    assert lines_after_going_on == 0
    assert await owner.fetchval(lines, first[0].order_id) == 2
    assert await statuses(owner, first[0], second[0]) == ["placed", "placed"]


async def test_what_the_live_one_has_wrong_is_named_and_put_right(
    owner: PoolConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    order, rows = an_order_with_lines()
    await put(*rows)
    await bring_up_to_date(LIVE)
    await owner.execute(f"UPDATE {LIVE}.sales_order SET subtotal = 1 WHERE order_id = $1", order.order_id)

    await read_model.rebuild(fresh=False)

    assert f"sales_order {order.order_id}: version 1 differs in the new one" in capsys.readouterr().out
    assert await owner.fetchval(f"SELECT subtotal FROM {LIVE}.sales_order WHERE order_id = $1", order.order_id) == 54


async def test_what_is_not_as_mysql_has_it_is_not_put_in_place(
    owner: PoolConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await oid(owner, LIVE)

    async def disagrees(schema: str, fill: Backfill) -> None:
        raise ViewDiffers(schema)

    monkeypatch.setattr(mysql_comparison, "check_read_model", disagrees)
    with pytest.raises(ViewDiffers):
        await read_model.rebuild(fresh=False)

    assert await oid(owner, LIVE) == before
    assert not await schemas.exists(owner, PREVIOUS)


async def test_a_row_that_is_on_its_way_is_no_difference(owner: PoolConnection) -> None:
    order, held_up = an_order(line_count=0), HeldUp()
    await schemas.make(owner, NEXT)
    await bring_up_to_date(NEXT)
    async with fill_of(NEXT, held_up) as fill:
        await put(order)
        await bring_up_to_date(LIVE)
        looking = asyncio.create_task(live_comparison.differences(owner, fill, NEXT))
        await held_up.has_begun.wait()
        held_up.may_go_on.set()

        assert await looking == []


async def test_a_schema_is_as_fresh_as_the_live_one_once_it_has_read_as_much(owner: PoolConnection) -> None:
    order, held_up = an_order(line_count=0), HeldUp()
    await schemas.make(owner, NEXT)
    await bring_up_to_date(NEXT)
    async with fill_of(NEXT, held_up) as fill:
        await put(order)
        await bring_up_to_date(LIVE)
        await owner.execute(f"INSERT INTO {LIVE}.freshness (source, fresh_until) VALUES ('orders', $1)", NOON)
        await held_up.has_begun.wait()
        # What does not wait for the row has answered by then.
        asyncio.get_running_loop().call_later(0.3, held_up.may_go_on.set)

        live = schemas.read_model_in(LIVE)
        fresh_until = mysql_comparison.freshness(live, fill)
        assert await fresh_until("orders") == NOON
        assert held_up.may_go_on.is_set()
        assert await fresh_until("customers") is None
        await live.close()


async def test_a_deletion_that_the_topics_forgot_is_remembered(owner: PoolConnection) -> None:
    customer = a_customer()
    await schemas.make(owner, NEXT)
    async with writing(schemas.read_model_in(NEXT)) as tx:
        await upsert(tx, Upsert("customer", CUSTOMER), [customer])
    async with writing(schemas.read_model_in(LIVE)) as tx:
        await upsert(tx, Upsert("customer", CUSTOMER), [msgspec.structs.replace(customer, is_deleted=True)])

    await read_model.rebuild(fresh=False)

    [row] = await owner.fetch(f"SELECT * FROM {LIVE}.customer WHERE customer_id = $1", customer.customer_id)
    assert (row["version"], row["deleted"]) == (2, True)


async def test_records_that_nobody_can_use_are_passed_over(owner: PoolConnection) -> None:
    order, rows = an_order_with_lines()
    await put_raw([(ORDER, b"{}", b"rubbish"), (ORDER, b"{}", None)])
    await put(*rows, an_order(currency="a\0b"))
    await bring_up_to_date(LIVE)

    await schemas.make(owner, NEXT)
    async with fill_of(NEXT) as fill:
        await fill.until(await fill.ends())

    assert fill.skipped.count["order"] >= 2
    assert await statuses(owner, order, schema=NEXT) == ["placed"]


async def is_waited_for(connection: PoolConnection) -> None:
    """Whether someone waits to be alone with the read model."""
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND NOT granted"
    assert await connection.fetchval(waiting) == 1


async def test_what_is_written_during_the_swap_is_not_lost(owner: PoolConnection) -> None:
    in_flight, late = an_order(line_count=0), an_order(line_count=0)
    worker = schemas.read_model_in(LIVE)
    await schemas.make(owner, NEXT)

    async def write(order: OrderRow) -> None:
        async with writing_orders(worker, 1) as tx:
            await write_orders(tx, by_order([order], []), publishes=False)

    async with rebuild_lock("read model") as connection, fill_of(NEXT) as fill:
        await fill.until(await fill.ends())
        async with writing_orders(worker, 0) as tx:
            await tx.execute(MAY_STAND_STILL)
            swapping = asyncio.create_task(swap(connection, fill, NEXT))
            await eventually(lambda: is_waited_for(owner))
            # Only now is it on the topic, so the rebuild had nothing of it when it began to swap.
            await put(in_flight)
            await write_orders(tx, by_order([in_flight], []), publishes=False)
            ends = await fill.ends()
            await advance(tx, [Position(each.topic, each.partition, end, NOON) for each, end in ends.items()])
            # A chunk that comes while the swap is waited for.
            writing_late = asyncio.create_task(write(late))
        await swapping
        await writing_late
    await worker.close()

    sql = f"SELECT count(*) FROM {LIVE}.sales_order WHERE order_id = $1"
    assert await owner.fetchval(sql, in_flight.order_id) == 1
    assert await owner.fetchval(sql, late.order_id) == 1
    assert await owner.fetchval(sql.replace(LIVE, PREVIOUS), late.order_id) == 0


async def test_the_swap_waits_until_all_is_read_that_the_live_one_has_read(owner: PoolConnection) -> None:
    order, held_up = an_order(line_count=0), HeldUp()
    await schemas.make(owner, NEXT)
    await bring_up_to_date(NEXT)

    async with rebuild_lock("read model") as connection, fill_of(NEXT, held_up) as fill:
        await put(order)
        await held_up.has_begun.wait()
        await put(msgspec.structs.replace(order, version=2, subtotal=Decimal(7)))
        await bring_up_to_date(LIVE)
        swapping = asyncio.create_task(swap(connection, fill, NEXT))
        await eventually(lambda: is_alone(owner))
        assert await statuses(owner, order) == ["placed"]  # readers wait for nothing
        held_up.may_go_on.set()
        await swapping

    assert await owner.fetchval(f"SELECT version FROM {LIVE}.sales_order WHERE order_id = $1", order.order_id) == 2
    assert await schemas.exists(owner, PREVIOUS)


async def is_alone(connection: PoolConnection) -> None:
    """Whether someone is alone with the read model."""
    held = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted
        AND classid = hashtext('writing read_model')::bigint::bit(32)::bigint::oid"""
    assert await connection.fetchval(held) == 1


async def test_a_writer_that_never_ends_stops_the_rebuild_and_nothing_has_changed(
    owner: PoolConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oms.repair.rebuild.swap.TRIES", 1)
    monkeypatch.setattr("oms.repair.rebuild.swap.WRITERS_TIMEOUT_S", 1)
    worker, before = schemas.read_model_in(LIVE), await oid(owner, LIVE)

    async with writing(worker) as tx:
        await tx.execute(MAY_STAND_STILL)
        with pytest.raises(SwapTimeout):
            await read_model.rebuild(fresh=False)
    await worker.close()

    assert await oid(owner, LIVE) == before


async def test_a_swap_that_fails_after_its_readers_have_ended_is_tried_again(
    owner: PoolConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, put_in_place = an_order(line_count=0), schemas.put_in_place

    async def refused_once(tx: PoolConnection, schema: str) -> None:
        monkeypatch.setattr(schemas, "put_in_place", put_in_place)
        await put(order)
        raise asyncpg.LockNotAvailableError

    monkeypatch.setattr(schemas, "put_in_place", refused_once)

    await asyncio.wait_for(read_model.rebuild(fresh=False), 60)

    assert await schemas.exists(owner, PREVIOUS)
    assert await owner.fetchval(f"SELECT count(*) FROM {LIVE}.sales_order WHERE order_id = $1", order.order_id) == 1


async def test_a_name_that_stays_locked_stops_the_rebuild_and_nothing_has_changed(
    owner: PoolConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oms.repair.rebuild.swap.TRIES", 2)
    monkeypatch.setattr("oms.repair.rebuild.swap.WRITERS_TIMEOUT_S", 1)
    order, before = an_order(line_count=0), await oid(owner, LIVE)
    await put(order)

    async with schemas.read_model_in(LIVE).connection() as other, other.transaction():
        await other.execute(MAY_STAND_STILL)
        await other.execute(f"COMMENT ON SCHEMA {LIVE} IS 'held'")
        with pytest.raises(SwapTimeout):
            await asyncio.wait_for(read_model.rebuild(fresh=False), 60)
    assert await oid(owner, LIVE) == before

    await read_model.rebuild(fresh=False)
    assert await oid(owner, PREVIOUS) == before


async def test_a_statement_prepared_before_the_swap_reads_the_new_one(owner: PoolConnection) -> None:
    order = an_order(line_count=0)
    await put(order)
    await bring_up_to_date(LIVE)
    gateway = settings.postgres("gateway", "OMS_GATEWAY_DB_PASSWORD")
    reader = await asyncpg.connect(
        host=gateway.host,
        port=gateway.port,
        user=gateway.user,
        password=gateway.password,
        database=gateway.database,
        server_settings={"search_path": gateway.schema, "plan_cache_mode": "force_generic_plan"},
    )
    try:
        statement = await reader.prepare("SELECT status, tableoid FROM sales_order WHERE order_id = $1")
        before = [await statement.fetchrow(order.order_id) for _ in range(7)][-1]

        await read_model.rebuild(fresh=False)

        after = await statement.fetchrow(order.order_id)
    finally:
        await reader.close()
    assert after is not None
    assert before is not None
    assert after["status"] == before["status"]
    assert after["tableoid"] != before["tableoid"]


async def test_a_worker_goes_on_with_its_open_connections(owner: PoolConnection) -> None:
    first, second = a_customer(), a_customer()
    worker: Database = schemas.read_model_in(LIVE)

    async def write(customer: CustomerRow) -> None:
        async with writing(worker) as tx:
            await upsert(tx, Upsert("customer", CUSTOMER), [customer])

    for _ in range(7):
        await write(first)
    await bring_up_to_date(LIVE)
    await put(first)
    await read_model.rebuild(fresh=False)
    await write(second)
    await worker.close()

    sql = f"SELECT count(*) FROM {LIVE}.customer WHERE customer_id = $1"
    assert [await owner.fetchval(sql, each.customer_id) for each in (first, second)] == [1, 1]


async def test_what_was_left_behind_a_week_ago_is_dropped(owner: PoolConnection) -> None:
    for schema, left in ((PREVIOUS, "8 days"), (NEXT, "6 days")):
        await schemas.make(owner, schema)
        since = await owner.fetchval(f"SELECT (now() - interval '{left}')::text")
        await owner.execute(f"COMMENT ON SCHEMA {schema} IS '{since}'")

    async with rebuild_lock("read model"):
        await drop_expired(owner)
        while_one_runs = await schemas.exists(owner, PREVIOUS)
    await drop_expired(owner)

    assert while_one_runs
    assert [await schemas.exists(owner, each) for each in (PREVIOUS, NEXT, LIVE)] == [False, True, True]


async def test_the_previous_one_is_left_since_the_swap(owner: PoolConnection) -> None:
    await read_model.rebuild(fresh=False)

    comment = f"SELECT obj_description('{PREVIOUS}'::regnamespace, 'pg_namespace')::timestamptz"
    assert await owner.fetchval(f"SELECT ({comment}) BETWEEN now() - interval '5 minutes' AND now()")
