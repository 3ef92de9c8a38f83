"""Runs that share a round trip to Postgres: what one of them does to it, the others do not notice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import pytest

from chassis.databases.postgres import Database
from chassis.http.errors.problems import Unavailable
from gateway import settings
from tests.support.eventually import eventually
from tests.support.views.read_model import ReadModel

RUNS = 60
BAD = 20

DIVIDED = "SELECT (100 / $1::integer)::text"
ENDED = "SELECT CASE WHEN $1 THEN pg_terminate_backend(pg_backend_pid())::text ELSE 'here' END"
SLEPT = "SELECT CASE WHEN $1 THEN pg_sleep(60)::text ELSE 'awake' END"
SLEEPERS = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND wait_event = 'PgSleep'"


@pytest.fixture
async def database(read_model: ReadModel) -> AsyncIterator[Database]:
    opened = settings.read_model()
    yield opened
    await opened.close()


def started(database: Database, statement: str, usual: Any, bad: Any) -> list[asyncio.Task[Any]]:
    values: Sequence[Any] = [bad if number == BAD else usual for number in range(RUNS)]
    return [asyncio.create_task(database.fetch_together(statement, [value])) for value in values]


@pytest.mark.parametrize(
    ("statement", "usual", "bad", "found", "failure"),
    [
        (DIVIDED, 4, 0, "25", asyncpg.DivisionByZeroError),
        (DIVIDED, 4, "four", "25", asyncpg.DataError),
        (ENDED, False, True, "here", Unavailable),
    ],
)
async def test_a_run_fails_alone(
    database: Database, statement: str, usual: Any, bad: Any, found: str, failure: type[Exception]
) -> None:
    results = await asyncio.gather(*started(database, statement, usual, bad), return_exceptions=True)

    assert isinstance(results.pop(BAD), failure)
    assert results == [found] * (RUNS - 1)


async def test_a_slow_run_is_slow_alone_and_ends_with_its_request(database: Database) -> None:
    async def nobody_sleeps() -> None:
        assert await database.fetchval(SLEEPERS, ()) == 0

    runs = started(database, SLEPT, False, True)
    slow = runs.pop(BAD)

    assert await asyncio.gather(*runs) == ["awake"] * (RUNS - 1)
    assert not slow.done()

    slow.cancel()
    await eventually(nobody_sleeps)
