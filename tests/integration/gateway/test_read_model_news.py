"""Reads wait for the read model: woken by its projections, with few statements, whatever is cut off meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from prometheus_client import REGISTRY

from chassis.databases.postgres import Database, PoolConnection
from chassis.http.errors.problems import Unavailable
from chassis.kafka.freshness import FreshUntil
from contracts.inventory.availability import AVAILABILITY
from contracts.inventory.sourcing import SOURCING
from contracts.inventory.stores import STORE, StoreRow
from contracts.orders import ORDER, ORDER_DETAIL
from gateway import settings
from gateway.consistency.freshness import READ_MODEL_SOURCES, Watermarks
from gateway.consistency.read_model import ReadModelMonitor
from gateway.consistency.tokens import Token
from oms.repair.rebuild import schemas
from oms.repair.rebuild.schemas import LIVE, NEXT, PREVIOUS
from orders_stream import repository
from orders_stream.agents import join_orders, project, project_stores
from orders_stream.settings import read_model
from orders_stream.transactions import writing
from tests.support.eventually import eventually
from tests.support.shop.rows import a_batch, a_line, a_sourcing, a_store, an_availability, an_order
from tests.support.views.read_model import ReadModel, empty_read_model

LONG_S = 30.0

CUT_OFF = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()
"""


def looks() -> float:
    """How often the gateway has looked into the read model for whoever waits."""
    return REGISTRY.get_sample_value("oms_gateway_lookups_total", {"view": "the read model"}) or 0


@pytest.fixture
async def rows(servers: dict[str, str]) -> AsyncIterator[ReadModel]:
    async with empty_read_model() as opened:
        await opened._connection.execute("DELETE FROM freshness")
        yield opened


@pytest.fixture
async def owner(rows: ReadModel) -> AsyncIterator[Database]:
    """The read model as orders_stream has it."""
    opened = read_model()
    yield opened
    await opened.close()


@pytest.fixture
async def news(rows: ReadModel) -> AsyncIterator[ReadModelMonitor]:
    """What the gateway hears, and it hears already."""
    database = settings.read_model()
    opened = ReadModelMonitor(database, Watermarks(10_000))
    await rows._connection.execute("INSERT INTO freshness VALUES ('orders', now())")
    opened.start()

    def listens() -> None:
        assert opened._watermarks.lag_ms("orders") is not None

    await eventually(listens)
    yield opened
    await opened.close()
    await database.close()


def waits(news: ReadModelMonitor, kind: str, identity: object, version: int = 1) -> asyncio.Task[None]:
    return asyncio.create_task(news.waiters.wait_for([Token(kind, str(identity), version)], LONG_S))


async def begun(before: float, *waiting: asyncio.Task[None]) -> None:
    """Return once somebody has looked in vain."""

    def is_begun() -> None:
        assert looks() > before
        assert not any(each.done() for each in waiting)

    await eventually(is_begun)


async def write_a_customer(owner: Database, customer: UUID, version: int = 1) -> None:
    """As the projections write: in a transaction that tells."""
    async with writing(owner) as tx:
        await ReadModel(tx).customers({"customer_id": customer, "version": version})


async def test_a_thousand_waits_are_woken_by_the_projection_and_are_a_handful_of_statements(
    news: ReadModelMonitor, owner: Database
) -> None:
    before, customers = looks(), [uuid4() for _ in range(1000)]
    waiting = [waits(news, "customer", each) for each in customers]
    await begun(before, *waiting)

    async with writing(owner) as tx:
        await ReadModel(tx).customers(*({"customer_id": each} for each in customers))
    await asyncio.gather(*waiting)

    assert looks() <= before + 4


async def test_an_order_is_waited_for_until_it_is_whole(news: ReadModelMonitor, owner: Database) -> None:
    async def publish(_: object) -> None:
        pass

    order, join = an_order(line_count=1), join_orders(owner, publish)
    token = Token("order", str(order.order_id), 1)
    waiting = waits(news, "order", order.order_id)
    await join(a_batch(ORDER, [order]))
    assert await news._present([token]) == []

    await join(a_batch(ORDER_DETAIL, [a_line(order, 1)]))
    await waiting

    assert await news._present([token]) == [token]


async def test_every_kind_is_found_by_its_version_deleted_or_not(news: ReadModelMonitor, rows: ReadModel) -> None:
    [customer] = await rows.customers({"version": 3, "deleted": True})
    [address] = await rows.addresses({"version": 2})
    [order] = await rows.orders({"version": 5})
    await rows.products({"sku": "chai", "version": 7})
    there = [
        Token("customer", str(customer), 3),
        Token("address", str(address), 1),
        Token("order", str(order), 5),
        Token("product", "chai", 7),
    ]
    newer = [token._replace(version=token.version + 9) for token in there]
    unlike = [Token("product", "CHAI", 1), Token("customer", str(uuid4()), 1)]

    found = await news._present([*there, *newer, *unlike])

    assert sorted(found) == sorted(there)


async def test_who_waits_is_woken_though_every_connection_was_cut_off(news: ReadModelMonitor, owner: Database) -> None:
    before, customer = looks(), uuid4()
    waiting = waits(news, "customer", customer)
    await begun(before, waiting)

    other = settings.read_model()
    await other.fetchval(CUT_OFF, ())
    await other.close()
    await write_a_customer(owner, customer)  # nobody may be listening

    await waiting


async def test_a_read_model_in_its_place_wakes_as_the_one_before_did(news: ReadModelMonitor, owner: Database) -> None:
    before, customer = looks(), uuid4()
    waiting = waits(news, "customer", customer)
    await begun(before, waiting)
    async with owner.connection() as connection:
        await swap(connection)
    try:
        await write_a_customer(owner, customer)
        await waiting
    finally:
        async with owner.connection() as connection:
            await schemas.drop(connection, PREVIOUS)


async def swap(connection: PoolConnection) -> None:
    await schemas.drop(connection, NEXT)
    await schemas.drop(connection, PREVIOUS)
    await schemas.make(connection, NEXT)
    async with connection.transaction():
        await schemas.put_in_place(connection, NEXT)


async def test_a_read_model_that_is_filled_beside_the_live_one_wakes_nobody(
    news: ReadModelMonitor, owner: Database
) -> None:
    beside = schemas.read_model_in(NEXT)
    before, first, second = looks(), uuid4(), uuid4()
    waiting = waits(news, "customer", first), waits(news, "customer", second)
    await begun(before, *waiting)
    async with owner.connection() as connection:
        await schemas.make(connection, NEXT)
    try:
        before = looks()
        for _ in range(20):
            await write_a_customer(beside, uuid4())
        await write_a_customer(owner, first)
        await waiting[0]
        assert looks() <= before + 2
    finally:
        waiting[1].cancel()
        await beside.close()
        async with owner.connection() as connection:
            await schemas.drop(connection, NEXT)


async def test_a_read_model_without_tables_is_away(news: ReadModelMonitor, owner: Database) -> None:
    async with owner.connection() as connection:
        await schemas.drop(connection, LIVE)
        try:
            with pytest.raises(Unavailable):
                await news.waiters.wait_for([Token("customer", str(uuid4()), 1)], 0)
        finally:
            await schemas.make(connection, LIVE)


async def test_a_read_waits_for_what_a_store_did_and_for_what_central_reserved(
    news: ReadModelMonitor, owner: Database
) -> None:
    sku = "a/b é%"
    of_store, of_central = waits(news, "stock", f"seattle/{sku}", 7), waits(news, "reservation", f"seattle/{sku}", 3)
    handle = project(owner, AVAILABILITY, "availability")

    await handle(a_batch(AVAILABILITY, [an_availability("seattle", sku, version=3, stock_version=6)]))
    await of_central
    assert not of_store.done()
    await handle(a_batch(AVAILABILITY, [an_availability("seattle", sku, version=4, stock_version=7)]))
    await of_store


async def test_a_read_waits_for_a_sourcing_a_store_and_all_that_central_knew_at_a_time(
    news: ReadModelMonitor, owner: Database
) -> None:
    order, moment = an_order(), datetime.now(UTC)
    waiting = [
        waits(news, "sourcing", order.order_id, 2),
        waits(news, "store", "lima", 5),
        waits(news, "inventory", uuid4(), int(moment.timestamp() * 1000)),
    ]

    await project(owner, SOURCING, "sourcing")(a_batch(SOURCING, [a_sourcing(a_line(order), version=2)]))
    await project_stores(owner)(a_batch(STORE, [a_store("lima", version=5)]))
    await asyncio.gather(*waiting[:2])
    assert not waiting[2].done()
    await repository.note_freshness(owner, FreshUntil("inventory", moment))
    await waiting[2]


async def test_stores_are_as_fresh_as_the_one_that_was_heard_of_least_recently(
    news: ReadModelMonitor, owner: Database
) -> None:
    now, handle = datetime.now(UTC), project_stores(owner)

    async def lag_is(least_s: float | None, *stores: StoreRow) -> None:
        await handle(a_batch(STORE, stores))

        def is_heard() -> None:
            lag_ms = news._watermarks.lag_ms("stores")
            assert lag_ms is None if least_s is None else lag_ms and least_s <= lag_ms / 1000 < least_s + 600

        await eventually(is_heard)

    old_for = timedelta(hours=1)
    offline = a_store("depot", sells_online=False, fresh_until=now - timedelta(days=1))
    await lag_is(3600, a_store("seattle", fresh_until=now), a_store("lima", fresh_until=now - old_for), offline)
    await lag_is(0, a_store("lima", fresh_until=now, version=2))
    await lag_is(1800, a_store("new", fresh_until=None), a_store("lima", fresh_until=now - old_for / 2, version=3))
    await project(owner, AVAILABILITY, "availability")(a_batch(AVAILABILITY, [an_availability("new", "A")]))
    await lag_is(None, a_store("seattle", fresh_until=now, version=2))


async def test_how_fresh_it_is_is_heard_at_once_and_never_older_by_a_late_beat(
    news: ReadModelMonitor, owner: Database
) -> None:
    marks = news._watermarks
    moment = datetime.now(UTC) + timedelta(minutes=5)

    async def note(fresh_until: datetime) -> None:
        await repository.note_freshness(owner, FreshUntil("customers", fresh_until))

    await note(moment)
    await note(moment - timedelta(hours=1))

    def is_heard() -> None:
        assert marks.lag_ms("customers") == 0

    await eventually(is_heard)


async def test_a_read_model_that_was_made_anew_is_not_said_to_be_fresh(news: ReadModelMonitor, owner: Database) -> None:
    async with owner.connection() as connection:
        await schemas.drop(connection, LIVE)
        await schemas.make(connection, LIVE)

    def nothing_is_known() -> None:
        assert news._watermarks.lags_ms(READ_MODEL_SOURCES) == dict.fromkeys(READ_MODEL_SOURCES)

    await eventually(nothing_is_known)
