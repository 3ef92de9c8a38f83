"""Equal statements under load: those that wait are run together, by one round trip instead of one for each.

A connection that carries out several runs is woken once, and Postgres begins one transaction for all of them. Each run
still sees what was committed before it began.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from functools import partial
from time import monotonic
from typing import Any

import asyncpg

from chassis.databases.deadlines import Deadlines
from chassis.http.problems import Busy

LANES = 4
"""How many connections carry out the same statement. Further runs wait, and are run together."""

MOST_TOGETHER = 8
"""The maximum number of runs in one round trip: all of them wait for the last."""

SLOW_S = 0.05
"""Statements that take longer are never run together, since they would wait for each other."""

Parameters = Sequence[Any]
FetchRuns = Callable[[str, Sequence[Parameters]], Awaitable[list[Any]]]


class _Runs:
    """The runs of one statement: how many lanes are in use, what waits, and the time of one run."""

    __slots__ = ("lanes", "takes_s", "waiting")

    def __init__(self) -> None:
        self.lanes = 0
        self.takes_s = 0.0
        self.waiting: deque[tuple[Parameters, asyncio.Future[Any]]] = deque()

    def took(self, seconds: float, runs: int) -> None:
        self.takes_s += (seconds / runs - self.takes_s) / 4

    def next_batch(self) -> list[tuple[Parameters, asyncio.Future[Any]]]:
        """The runs that have waited longest, without those that nobody waits for any more."""
        most = 1 if self.takes_s > SLOW_S else MOST_TOGETHER
        batch: list[tuple[Parameters, asyncio.Future[Any]]] = []
        while self.waiting and len(batch) < most:
            run = self.waiting.popleft()
            if not run[1].done():
                batch.append(run)
        return batch


class Batches:
    """Runs statements by `fetch_runs`. At most `max_waiting` runs of each wait, each for at most `wait_s`."""

    def __init__(self, fetch_runs: FetchRuns, wait_s: float, max_waiting: int, to: str = "the read model") -> None:
        self._fetch_runs = fetch_runs
        self._max_waiting = max_waiting
        self._to = to
        self._ends = Deadlines(wait_s)
        self._runs: dict[str, _Runs] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def fetch(self, statement: str, parameters: Parameters) -> Any:
        """What one run returns. Raises what `fetch_runs` raises, and Busy if it would wait too long."""
        runs = self._runs.get(statement)
        if runs is None:
            runs = self._runs[statement] = _Runs()
        if runs.lanes >= LANES and runs.takes_s <= SLOW_S:
            return await self._wait(runs, parameters)
        runs.lanes += 1
        began = monotonic()
        try:
            [found] = await self._fetch_runs(statement, [parameters])
            return found
        finally:
            runs.took(monotonic() - began, 1)
            self._leave(statement, runs)

    async def _wait(self, runs: _Runs, parameters: Parameters) -> Any:
        if len(runs.waiting) >= self._max_waiting:
            raise Busy(self._to)
        loop = asyncio.get_running_loop()
        result: asyncio.Future[Any] = loop.create_future()
        runs.waiting.append((parameters, result))
        end = self._ends.begin(loop, partial(self._end, result))
        try:
            return await result
        finally:
            end.cancel()

    def _end(self, result: asyncio.Future[Any]) -> None:
        if not result.done():
            result.set_exception(Busy(self._to))

    def _leave(self, statement: str, runs: _Runs) -> None:
        """Leave a lane, to the runs that wait if there are any."""
        if runs.waiting:
            # Not in the context of the request that leaves, nor cancelled with it.
            task = asyncio.create_task(self._run_waiting(statement, runs), context=Context())
            self._tasks.add(task)  # the loop keeps only a weak reference
            task.add_done_callback(self._tasks.discard)
            return
        runs.lanes -= 1
        if runs.lanes == 0:
            del self._runs[statement]

    async def _run_waiting(self, statement: str, runs: _Runs) -> None:
        while batch := runs.next_batch():
            began = monotonic()
            await self._run(statement, batch)
            runs.took(monotonic() - began, len(batch))
        self._leave(statement, runs)

    async def _run(self, statement: str, batch: Sequence[tuple[Parameters, asyncio.Future[Any]]]) -> None:
        """Run all of these; if one fails, each alone, so that no other fails with it."""
        try:
            found = await self._fetch_runs(statement, [parameters for parameters, _ in batch])
        except Exception as error:
            if len(batch) > 1 and isinstance(error, asyncpg.PostgresError):
                for each in batch:
                    await self._run(statement, [each])
                return
            for _, result in batch:
                if not result.done():
                    result.set_exception(error)
            return
        for (_, result), value in zip(batch, found, strict=True):
            if not result.done():
                result.set_result(value)
