"""The pool of Postgres connections: lends the one used last, waits in a bounded line, survives what breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from chassis.databases.postgres import Database
from chassis.http.errors.problems import Busy, Unavailable
from chassis.settings import postgres
from tests.support.eventually import eventually

PID = "SELECT pg_backend_pid()"


def database(size: int = 2, wait_s: float = 30, max_waiting: int = 100) -> Database:
    settings = postgres("gateway", "OMS_GATEWAY_DB_PASSWORD")
    return Database(replace(settings, pool_size=size, wait_s=wait_s, max_waiting=max_waiting))


@pytest.fixture
async def two() -> AsyncIterator[Database]:
    made = database()
    yield made
    await made.close()


async def test_the_connection_used_last_is_lent_first(two: Database) -> None:
    async with two.connection() as first, two.connection() as second:
        pids = await first.fetchval(PID), await second.fetchval(PID)

    assert [await two.fetchval(PID, ()) for _ in range(3)] == [pids[0]] * 3  # the outer one came back last


async def test_no_more_are_open_than_there_may_be(two: Database) -> None:
    async def work() -> int:
        async with two.connection() as connection:
            await connection.execute("SELECT pg_sleep(0.001)")
            return int(await connection.fetchval(PID))

    pids = await asyncio.gather(*(work() for _ in range(50)))

    assert len(set(pids)) == 2


async def test_who_comes_when_too_many_wait_is_refused_at_once() -> None:
    pool = database(size=1, max_waiting=3)
    async with pool.connection():
        waiting = [asyncio.create_task(pool.fetchval(PID, ())) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await pool.fetchval(PID, ())

    assert len(set(await asyncio.gather(*waiting))) == 1
    await pool.close()


async def test_who_waits_too_long_is_refused_and_the_line_goes_on() -> None:
    pool = database(size=1, wait_s=0.05)
    async with pool.connection():
        with pytest.raises(Busy):
            await pool.fetchval(PID, ())

    assert await pool.fetchval("SELECT 1", ()) == 1
    await pool.close()


async def test_who_goes_while_waiting_keeps_nobody_from_a_connection() -> None:
    pool = database(size=1)
    async with pool.connection():
        waiting = [asyncio.create_task(pool.fetchval(PID, ())) for _ in range(5)]
        await asyncio.sleep(0)
        for task in waiting[::2]:
            task.cancel()
    waiting[1].cancel()  # it has its turn already, and has not come to use it

    assert await waiting[3] == await pool.fetchval(PID, ())
    await pool.close()


async def test_a_connection_that_was_cut_off_is_replaced(two: Database) -> None:
    pid = await two.fetchval(PID, ())
    owner = Database(postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD"))
    cut_off = Database(replace(postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD"), pool_size=1))
    its_pid = await cut_off.fetchval(PID, ())
    await owner.fetchval("SELECT pg_terminate_backend($1)", (its_pid,))

    async def is_there_again() -> None:
        try:
            assert await cut_off.fetchval(PID, ()) != its_pid
        except Unavailable:  # the end has not arrived here yet
            raise AssertionError from None

    await eventually(is_there_again)
    assert await two.fetchval(PID, ()) == pid
    await owner.close()
    await cut_off.close()


async def test_a_transaction_that_was_cut_off_is_nobody_elses() -> None:
    pool = database(size=1)
    async with pool.connection() as connection:
        await connection.execute("BEGIN")

    async with pool.connection() as connection:
        assert not connection.is_in_transaction()
    await pool.close()
