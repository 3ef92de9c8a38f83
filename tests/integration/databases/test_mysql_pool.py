"""Waiting for a connection to MySQL has bounds of its own; work that has begun has all its time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from chassis import settings
from chassis.databases.mysql import Connection, Database
from chassis.http.errors.problems import MAX_RETRY_AFTER_S, Busy, Unavailable
from chassis.http.serving import disconnects
from chassis.http.serving.disconnects import ClientGone
from tests.support.eventually import eventually

FOR_HOURS = 10_000.0

Opened = Callable[..., Database]


@pytest.fixture
async def opened(servers: dict[str, str]) -> AsyncIterator[Opened]:
    """Databases with a pool of one connection, and other settings."""
    databases: list[Database] = []

    def open_database(**changes: Any) -> Database:
        account = settings.mysql("orders", "OMS_ORDERS_DB_PASSWORD", "orders")
        databases.append(Database(replace(account, pool_size=1, wait_s=FOR_HOURS, **changes)))
        return databases[-1]

    yield open_database
    for database in databases:
        await database.close()


async def number(connection: Connection) -> int:
    """Which of the server's connections it is."""
    row = await connection.fetch_one("SELECT CONNECTION_ID() AS number")
    assert row is not None
    return int(row["number"])


async def ask(database: Database) -> int:
    async with database.reading() as connection:
        return await number(connection)


def wait(database: Database, times: int) -> None:
    assert len(database._pool._waiting) == times


def outside(database: Database, times: int) -> None:
    assert len(database._pool._waiting_for_admission) == times


@asynccontextmanager
async def waiting(database: Database, times: int) -> AsyncIterator[None]:
    """So many wait for the one connection as long as the block runs; all of them get it then."""
    async with database.reading():
        waiters = [asyncio.create_task(ask(database)) for _ in range(times)]
        await eventually(lambda: wait(database, times))
        yield
    await asyncio.gather(*waiters)


async def test_who_has_waited_long_has_all_the_time_to_work(opened: Opened) -> None:
    database = opened(timeout_s=3.0)

    async def work() -> None:
        async with database.transaction() as tx:
            await tx.execute("SELECT SLEEP(0.7)")

    await asyncio.gather(*(work() for _ in range(7)))


async def test_one_more_than_may_wait_is_refused_at_once(opened: Opened) -> None:
    database = opened(max_waiting=3)

    async with waiting(database, 3):
        with pytest.raises(Busy) as refused:
            await ask(database)

    assert 1 <= int(refused.value.headers["Retry-After"]) <= MAX_RETRY_AFTER_S


async def test_work_begins_when_few_wait_and_in_the_order_in_which_it_came(opened: Opened) -> None:
    database, begun = opened(), list[int]()

    async def work(place: int) -> None:
        await database.admit()
        begun.append(place)
        await ask(database)

    async with database.reading():
        tasks = [asyncio.create_task(work(place)) for place in range(20)]
        await eventually(lambda: wait(database, 1))
        tasks[5].cancel()
        assert begun == [0]
    await asyncio.gather(*tasks, return_exceptions=True)

    assert begun == [place for place in range(20) if place != 5]


async def test_work_that_needs_no_connection_lets_the_next_begin(opened: Opened) -> None:
    database = opened()

    async with waiting(database, 1):
        admissions = [asyncio.create_task(database.admit()) for _ in range(20)]
        await eventually(lambda: outside(database, 20))
    await asyncio.gather(*admissions)


async def test_one_more_than_may_wait_for_room_is_refused_at_once(opened: Opened) -> None:
    database = opened(max_waiting=3)

    async with waiting(database, 1):
        admissions = [asyncio.create_task(database.admit()) for _ in range(3)]
        await eventually(lambda: outside(database, 3))
        with pytest.raises(Busy):
            await database.admit()
    await asyncio.gather(*admissions)


async def test_nobody_waits_for_room_behind_connections_that_cannot_be_opened(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = opened()

    async def work() -> None:
        await database.admit()
        await ask(database)

    async with database.reading() as connection:
        tasks = [asyncio.create_task(work()) for _ in range(20)]
        await eventually(lambda: outside(database, 19))
        database._settings = replace(database._settings, port=9)  # where nobody listens
        connection._raw.close()
    results = await asyncio.gather(*tasks, return_exceptions=True)

    assert {type(result) for result in results} == {Unavailable}


async def test_nobody_waits_longer_than_is_allowed(servers: dict[str, str]) -> None:
    account = settings.mysql("orders", "OMS_ORDERS_DB_PASSWORD", "orders")
    database = Database(replace(account, pool_size=1, wait_s=0.01, timeout_s=FOR_HOURS))

    async with database.reading():
        with pytest.raises(Busy):
            await ask(database)
    await database.close()


async def test_the_server_can_be_looked_at_while_all_connections_are_in_use(opened: Opened) -> None:
    database = opened()

    async with waiting(database, 2):
        await database.ping()


async def test_a_connection_that_the_server_closed_is_opened_anew(opened: Opened) -> None:
    database, other = opened(), opened()
    closed = await ask(database)

    async with other.reading() as connection:
        await connection.execute(f"KILL {closed}")
    [(pooled, _)] = database._pool._free

    def is_closed() -> None:
        assert pooled.is_closed()

    await eventually(is_closed)
    assert await ask(database) != closed


async def test_a_transaction_that_was_cut_off_leaves_nothing_in_the_pool(opened: Opened) -> None:
    database = opened()

    async def cut_off() -> None:
        async with database.transaction() as tx:
            first.append(await number(tx))
            await asyncio.Event().wait()

    first: list[int] = []
    task = asyncio.create_task(cut_off())
    await eventually(lambda: wait_for(first))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert await ask(database) not in first


def wait_for(found: list[int]) -> None:
    assert found


async def test_work_that_nobody_waits_for_any_more_is_not_begun(opened: Opened) -> None:
    database, is_gone, begun = opened(), False, []

    async def work() -> None:
        disconnects.set_client(lambda: is_gone)
        async with database.transaction():
            begun.append(True)

    async with waiting(database, 0):
        task = asyncio.create_task(work())
        await eventually(lambda: wait(database, 1))
        is_gone = True
    with pytest.raises(ClientGone):
        await task

    assert not begun
    await ask(database)
