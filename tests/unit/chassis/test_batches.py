"""Runs of a statement that wait are carried out together, and each gets its own result."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from chassis.databases.batches import LANES, MOST_TOGETHER, SLOW_S, Batches
from chassis.http.errors.problems import Busy, Unavailable

SQL = "SELECT $1"


class FakeDatabase:
    """Returns the first parameter of each run, once it is let go; fails for runs of `bad`. A `stuck` one never ends.

    At most `most` may wait for `connections`.
    """

    def __init__(self, connections: int = 1000, most: int = 1000) -> None:
        self.calls: list[list[Any]] = []
        self.go = asyncio.Event()
        self.most = most
        self.waiting_elsewhere = 0
        self.failure: Exception | None = None
        self._connections = asyncio.Semaphore(connections)

    @property
    def has_room(self) -> bool:
        return self.waiting_elsewhere < self.most

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[FakeDatabase]:
        async with self._connections:
            yield self

    async def fetch_runs(self, _: str, runs: Sequence[Sequence[Any]]) -> list[Any]:
        self.calls.append([run[0] for run in runs])
        await self.go.wait()
        if any(run[0] == "bad" for run in runs):
            raise asyncpg.DataError("bad")
        if any(run[0] == "stuck" for run in runs):
            await asyncio.Event().wait()
        if self.failure is not None and len(runs) > 1:
            raise self.failure
        return [run[0] for run in runs]


def batches_of(database: FakeDatabase, wait_s: float = 10) -> Batches:
    return Batches(database.connection, database, wait_s)


async def started(batches: Batches, values: Iterable[Any]) -> list[asyncio.Task[Any]]:
    tasks = [asyncio.create_task(batches.fetch(SQL, [value])) for value in values]
    await asyncio.sleep(0)
    return tasks


async def test_each_run_gets_its_own_result_and_those_that_wait_run_together() -> None:
    database, values = FakeDatabase(), list(range(100))

    tasks = await started(batches_of(database), values)
    database.go.set()

    assert await asyncio.gather(*tasks) == values
    assert database.calls[:LANES] == [[number] for number in range(LANES)]
    assert max(len(call) for call in database.calls) == MOST_TOGETHER
    assert sorted(value for call in database.calls for value in call) == values


async def test_a_run_that_fails_leaves_the_others_alone() -> None:
    database = FakeDatabase()
    values = [*range(LANES), *("bad" if number == 3 else number for number in range(MOST_TOGETHER))]

    tasks = await started(batches_of(database), values)
    database.go.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)

    assert [str(each) for each in found] == [str(value) for value in values]
    assert isinstance(found[LANES + 3], asyncpg.DataError)


async def test_a_run_that_does_not_end_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.databases.batches.TOGETHER_S", 0.01)
    database, values = FakeDatabase(), [*range(LANES), "stuck", *range(LANES, 100)]

    tasks = await started(batches_of(database), values)
    database.go.set()
    found = await asyncio.gather(*(task for task in tasks if task is not tasks[LANES]))
    tasks[LANES].cancel()

    assert found == list(range(100))


@pytest.mark.parametrize("failure", [Unavailable("x"), asyncpg.InterfaceError("x"), RuntimeError("x")])
async def test_a_connection_that_dies_fails_none_that_shared_it(failure: Exception) -> None:
    database = FakeDatabase()
    database.failure = failure

    tasks = await started(batches_of(database), range(50))
    database.go.set()

    assert await asyncio.gather(*tasks) == list(range(50))


async def test_a_run_that_nobody_waits_for_is_not_started() -> None:
    database = FakeDatabase()

    tasks = await started(batches_of(database), [*range(LANES), "gone", "kept", "kept"])
    tasks[LANES].cancel()
    database.go.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)

    assert isinstance(found[LANES], asyncio.CancelledError)
    assert found[-2:] == ["kept", "kept"]
    assert "gone" not in [value for call in database.calls for value in call]


async def test_a_cancelled_request_leaves_those_alone_that_share_its_round_trip() -> None:
    database = FakeDatabase()

    tasks = await started(batches_of(database), range(LANES + 3))
    for task in tasks[:LANES]:
        task.cancel()
    await asyncio.sleep(0.01)
    assert database.calls[-1] == [LANES, LANES + 1, LANES + 2]
    tasks[LANES].cancel()
    database.go.set()

    assert await asyncio.gather(*tasks[LANES + 1 :]) == [LANES + 1, LANES + 2]


async def test_a_cancelled_request_hands_its_lane_to_those_that_wait() -> None:
    database = FakeDatabase()

    tasks = await started(batches_of(database), [*range(LANES), "waiting"])
    for task in tasks[:LANES]:
        task.cancel()
    database.go.set()

    assert await tasks[-1] == "waiting"


async def test_too_many_runs_and_too_long_waits_are_refused() -> None:
    database = FakeDatabase(most=2)

    tasks = await started(batches_of(database, 0.01), range(LANES + 3))
    refused = await asyncio.gather(*tasks[LANES:], return_exceptions=True)
    database.go.set()

    assert [type(each) for each in refused] == [Busy] * 3
    assert await asyncio.gather(*tasks[:LANES]) == list(range(LANES))
    assert database.waiting_elsewhere == 0


async def test_a_run_that_has_begun_is_not_refused() -> None:
    database = FakeDatabase()

    tasks = await started(batches_of(database, 0.02), range(LANES + 3))
    for task in tasks[:LANES]:
        task.cancel()
    await asyncio.sleep(0.1)
    assert len(database.calls[-1]) == 3
    database.go.set()

    assert await asyncio.gather(*tasks[LANES:]) == [LANES, LANES + 1, LANES + 2]


async def test_runs_that_wait_for_a_connection_together_are_refused_in_time() -> None:
    database = FakeDatabase(connections=LANES)
    batches = batches_of(database, 0.02)

    tasks = await started(batches, range(LANES))
    others = [asyncio.create_task(batches.fetch("SELECT 2", [number])) for number in range(LANES)]
    together = await started(batches, [100, 101])
    tasks[0].cancel()

    refused = await asyncio.gather(*together, return_exceptions=True)
    database.go.set()
    await asyncio.gather(*tasks[1:], *others)

    assert [type(each) for each in refused] == [Busy] * 2
    assert 100 not in [value for call in database.calls for value in call]


async def test_slow_statements_are_not_run_together(monkeypatch: pytest.MonkeyPatch) -> None:
    database, seconds = FakeDatabase(), iter(range(10_000))
    monkeypatch.setattr("chassis.databases.batches.monotonic", lambda: next(seconds) * SLOW_S * 10)

    tasks = await started(batches_of(database), range(50))
    database.go.set()
    await asyncio.gather(*tasks)

    assert {len(call) for call in database.calls} == {1}


async def test_nothing_is_kept_of_statements_that_no_longer_run() -> None:
    database = FakeDatabase()
    batches = batches_of(database)
    database.go.set()

    await asyncio.gather(*(batches.fetch(f"SELECT {number % 7}", [number]) for number in range(100)))

    assert not batches._runs
    assert not batches._tasks
    assert database.waiting_elsewhere == 0
