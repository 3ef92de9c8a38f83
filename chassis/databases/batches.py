"""Equal statements under load: those that wait are run together, by one round trip instead of one for each.

A connection that carries out several runs is woken once, and Postgres begins one transaction for all of them. Each run
still sees what was committed before it began. If they fail, or take long, each is run alone, as if none had waited.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from contextvars import Context
from functools import partial
from time import monotonic
from typing import Any, Protocol

from chassis.databases.deadlines import Deadline, Deadlines
from chassis.http.errors.problems import Busy

LANES = 4
"""How many connections carry out the same statement. Further runs wait, and are run together."""

MOST_TOGETHER = 8
"""The maximum number of runs in one round trip: all of them wait for the last."""

SLOW_S = 0.05
"""Statements that take longer are never run together, since they would wait for each other."""

TOGETHER_S = MOST_TOGETHER * SLOW_S
"""The maximum time of a round trip of several runs. Then it is cancelled, and each is run alone."""

Parameters = Sequence[Any]


class Connection(Protocol):
    """A connection that runs statements."""

    async def fetch_runs(self, statement: str, runs: Sequence[Parameters]) -> list[Any]:
        """What each run of a statement returns."""


class Pool(Protocol):
    """The pool of the connections."""

    waiting_elsewhere: int

    @property
    def has_room(self) -> bool:
        """Whether one more may wait for a connection."""


class _Run:
    """A run that waits. `result` is what it returns, or _ALONE."""

    __slots__ = ("end", "is_queued", "parameters", "result")

    def __init__(self, parameters: Parameters, result: asyncio.Future[Any], end: Deadline) -> None:
        self.parameters = parameters
        self.result = result
        self.end = end
        self.is_queued = True


_ALONE = object()
"""The request must carry out its run itself."""


class _Runs:
    """The runs of one statement: how many lanes are in use, what waits, and the time of one run."""

    __slots__ = ("lanes", "takes_s", "waiting")

    def __init__(self) -> None:
        self.lanes = 0
        self.takes_s = 0.0
        self.waiting: deque[_Run] = deque()

    @property
    def are_slow(self) -> bool:
        return self.takes_s > SLOW_S

    def took(self, seconds: float) -> None:
        self.takes_s += (seconds - self.takes_s) / 4


class Batches:
    """Runs statements on the connections of a pool. A run waits for at most `wait_s` to share a connection."""

    def __init__(
        self,
        connection: Callable[[], AbstractAsyncContextManager[Connection]],
        pool: Pool,
        wait_s: float,
        to: str = "the read model",
    ) -> None:
        self._connection = connection
        self._pool = pool
        self._to = to
        self._ends = Deadlines(wait_s)
        self._runs: dict[str, _Runs] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def fetch(self, statement: str, parameters: Parameters) -> Any:
        """What one run returns. Raises what `Connection.fetch_runs` raises, and Busy if it would wait too long."""
        runs = self._runs.get(statement)
        if runs is not None and runs.lanes >= LANES and not runs.are_slow:
            found = await self._wait(runs, parameters)
            if found is not _ALONE:
                return found
        return await self._alone(statement, parameters)

    async def _alone(self, statement: str, parameters: Parameters) -> Any:
        runs = self._runs.setdefault(statement, _Runs())
        runs.lanes += 1
        try:
            async with self._connection() as connection:
                began = monotonic()
                try:
                    [found] = await connection.fetch_runs(statement, [parameters])
                finally:
                    runs.took(monotonic() - began)
                return found
        finally:
            self._leave(statement, runs)

    async def _wait(self, runs: _Runs, parameters: Parameters) -> Any:
        if not self._pool.has_room:
            raise Busy(self._to)
        loop = asyncio.get_running_loop()
        result: asyncio.Future[Any] = loop.create_future()
        run = _Run(parameters, result, self._ends.begin(loop, partial(self._end, result)))
        runs.waiting.append(run)
        self._pool.waiting_elsewhere += 1
        try:
            return await result
        finally:
            run.end.cancel()
            self._unqueue(run)

    def _end(self, result: asyncio.Future[Any]) -> None:
        if not result.done():
            result.set_exception(Busy(self._to))

    def _unqueue(self, run: _Run) -> None:
        if run.is_queued:
            run.is_queued = False
            self._pool.waiting_elsewhere -= 1

    def _leave(self, statement: str, runs: _Runs) -> None:
        """Leave a lane, to the runs that wait if there are several."""
        batch = self._next_batch(runs)
        if len(batch) > 1 and not runs.are_slow:
            # Not in the context of the request that leaves, nor cancelled with it.
            task = asyncio.create_task(self._together(statement, runs, batch), context=Context())
            self._tasks.add(task)  # the loop keeps only a weak reference
            task.add_done_callback(self._tasks.discard)
            return
        for run in batch:
            run.result.set_result(_ALONE)
        runs.lanes -= 1
        if runs.lanes == 0:
            del self._runs[statement]

    def _next_batch(self, runs: _Runs) -> list[_Run]:
        """The runs that have waited longest, without those that nobody waits for any more; all, if they are slow."""
        batch: list[_Run] = []
        while runs.waiting and (len(batch) < MOST_TOGETHER or runs.are_slow):
            run = runs.waiting.popleft()
            self._unqueue(run)
            if not run.result.done():
                batch.append(run)
        return batch

    async def _together(self, statement: str, runs: _Runs, batch: Sequence[_Run]) -> None:
        """Carry out runs in one round trip. What fails or is slow here fails or is slow alone, and no other with it."""
        try:
            async with self._connection() as connection:
                batch = [run for run in batch if not run.result.done()]
                for run in batch:
                    run.end.cancel()
                found = await _found(connection, statement, runs, batch)
        except Busy:
            for run in batch:
                self._end(run.result)
        except Exception:
            _answer(batch, [_ALONE] * len(batch))
        else:
            _answer(batch, found)
        finally:
            self._leave(statement, runs)


async def _found(connection: Connection, statement: str, runs: _Runs, batch: Sequence[_Run]) -> list[Any]:
    if not batch:
        return []
    began = monotonic()
    try:
        async with asyncio.timeout(TOGETHER_S):
            return await connection.fetch_runs(statement, [run.parameters for run in batch])
    except TimeoutError:  # caught while the connection is borrowed, which is as good as before
        return [_ALONE] * len(batch)
    finally:
        runs.took((monotonic() - began) / len(batch))


def _answer(batch: Sequence[_Run], results: Sequence[Any]) -> None:
    for run, result in zip(batch, results, strict=True):
        if not run.result.done():
            run.result.set_result(result)
