"""Runs of a statement that wait for a connection are carried out together, and each gets its own result."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest

from chassis.databases.batches import LANES, MOST_TOGETHER, SLOW_S, Batches
from chassis.http.problems import Busy

SQL = "SELECT $1"


class FakeDatabase:
    """Returns the first parameter of each run, once it is let go; fails for runs of `bad`."""

    def __init__(self) -> None:
        self.calls: list[list[Any]] = []
        self.go = asyncio.Event()

    async def fetch_runs(self, _: str, runs: Sequence[Sequence[Any]]) -> list[Any]:
        self.calls.append([run[0] for run in runs])
        await self.go.wait()
        if any(run[0] == "bad" for run in runs):
            raise asyncpg.DataError("bad")
        return [run[0] for run in runs]


async def started(batches: Batches, values: Sequence[Any]) -> list[asyncio.Task[Any]]:
    tasks = [asyncio.create_task(batches.fetch(SQL, [value])) for value in values]
    await asyncio.sleep(0)
    return tasks


async def test_each_run_gets_its_own_result_and_those_that_wait_run_together() -> None:
    database = FakeDatabase()
    batches, values = Batches(database.fetch_runs, 10, 1000), list(range(100))

    tasks = await started(batches, values)
    database.go.set()

    assert await asyncio.gather(*tasks) == values
    assert database.calls[:LANES] == [[number] for number in range(LANES)]
    assert max(len(call) for call in database.calls) == MOST_TOGETHER
    assert sorted(value for call in database.calls for value in call) == values


async def test_a_run_that_fails_leaves_the_others_alone() -> None:
    database = FakeDatabase()
    batches = Batches(database.fetch_runs, 10, 1000)
    values = [*range(LANES), *("bad" if number == 3 else number for number in range(MOST_TOGETHER))]

    tasks = await started(batches, values)
    database.go.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)

    assert [str(each) for each in found] == [str(value) for value in values]
    assert isinstance(found[LANES + 3], asyncpg.DataError)


async def test_a_run_that_nobody_waits_for_is_not_started() -> None:
    database = FakeDatabase()
    batches = Batches(database.fetch_runs, 10, 1000)

    tasks = await started(batches, [*range(LANES), "gone", "kept"])
    tasks[LANES].cancel()
    database.go.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)

    assert isinstance(found[LANES], asyncio.CancelledError)
    assert found[-1] == "kept"
    assert "gone" not in [value for call in database.calls for value in call]


async def test_a_cancelled_request_hands_its_lane_to_those_that_wait() -> None:
    database = FakeDatabase()
    batches = Batches(database.fetch_runs, 10, 1000)

    tasks = await started(batches, [*range(LANES), "waiting"])
    for task in tasks[:LANES]:
        task.cancel()
    database.go.set()

    assert await tasks[-1] == "waiting"


async def test_too_many_runs_and_too_long_waits_are_refused() -> None:
    database = FakeDatabase()
    batches = Batches(database.fetch_runs, 0.01, 2)

    tasks = await started(batches, range(LANES + 3))
    refused = await asyncio.gather(*tasks[LANES:], return_exceptions=True)
    database.go.set()

    assert [type(each) for each in refused] == [Busy] * 3
    assert await asyncio.gather(*tasks[:LANES]) == list(range(LANES))


async def test_slow_statements_are_not_run_together(monkeypatch: pytest.MonkeyPatch) -> None:
    database = FakeDatabase()
    batches, seconds = Batches(database.fetch_runs, 10, 1000), iter(range(10_000))
    monkeypatch.setattr("chassis.databases.batches.monotonic", lambda: next(seconds) * SLOW_S * 10)

    tasks = await started(batches, range(50))
    database.go.set()
    await asyncio.gather(*tasks)

    assert {len(call) for call in database.calls} == {1}


async def test_nothing_is_kept_of_statements_that_no_longer_run() -> None:
    database = FakeDatabase()
    batches = Batches(database.fetch_runs, 10, 1000)
    database.go.set()

    await asyncio.gather(*(batches.fetch(f"SELECT {number % 7}", [number]) for number in range(100)))

    assert not batches._runs
    assert not batches._tasks
