"""A connection pool with little overhead, which reuses the most recently used connection.

asyncpg's own pool costs more than a short statement: it wraps each connection, resets session state that is never
changed here, and waits on locks. The most recently used connection has its statements planned.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Generic, Protocol, TypeVar

from chassis.databases.deadlines import Deadline, Deadlines
from chassis.http.errors.problems import Busy

IDLE_S = 300.0
"""An idle connection is replaced after this time: firewalls may have dropped it."""


class PooledConnection(Protocol):
    """A connection that can be in the pool."""

    def is_closed(self) -> bool:
        """Whether it can no longer be used."""

    def is_in_transaction(self) -> bool:
        """Whether its last user was cancelled inside a transaction."""

    def terminate(self) -> None:
        """Close it at once."""


Connection = TypeVar("Connection", bound=PooledConnection)

Queue = deque[asyncio.Future[Connection | None]]
"""Waiting callers, the longest first."""


class ConnectionPool(Generic[Connection]):
    """At most `size` connections, opened on demand; `to` names the server in errors.

    At most `max_waiting` callers wait for a connection, each for at most `wait_s`.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        size: int,
        wait_s: float,
        max_waiting: int,
        to: str = "the read model",
    ) -> None:
        self._connect = connect
        self._to = to
        self._size = size
        self._most_waiting = max_waiting
        self._free: list[tuple[Connection, float]] = []
        self._lent: set[Connection] = set()
        self._opening = 0
        self._waiting: Queue[Connection] = deque()
        self._waiting_for_admission: Queue[Connection] = deque()
        self._ends = Deadlines(wait_s)
        self._loop: asyncio.AbstractEventLoop | None = None
        self.waiting_elsewhere = 0
        """Callers that wait to share a connection with others, counted among those that wait."""

    @property
    def has_room(self) -> bool:
        """Whether one more caller may wait."""
        return len(self._waiting) + self.waiting_elsewhere < self._most_waiting

    async def admit(self) -> None:
        """Return when work that needs a connection may start: fewer callers wait than there are connections.

        Waiting here is cheaper than waiting in `take`, after other work has been done. Raises Busy.
        """
        if not self._waiting_for_admission and len(self._waiting) < self._size:
            return
        turn, end = self._begin_to_wait(self._waiting_for_admission)
        try:
            await turn
        finally:
            end.cancel()
            self._admit_next_soon()

    async def take(self) -> Connection:
        """A connection, to be returned by `give_back`. Raises Busy if too many wait, and what opening one raises."""
        while self._free:
            connection, used_at = self._free.pop()
            if connection.is_closed():
                continue
            if monotonic() - used_at > IDLE_S:
                connection.terminate()
                continue
            self._lent.add(connection)
            return connection
        if len(self._lent) + self._opening < self._size:
            self._opening += 1
            return await self._opened()
        return await self._turn() or await self._opened()

    def give_back(self, connection: Connection) -> None:
        """Pass it to the longest waiting caller, or keep it. A closed one is replaced."""
        self._lent.discard(connection)
        if not connection.is_closed() and connection.is_in_transaction():
            connection.terminate()  # its user was cancelled
        if connection.is_closed():
            self._wake(None)
        elif not self._wake(connection):
            self._free.append((connection, monotonic()))

    def close(self) -> None:
        """Close all connections, including those in use."""
        for connection in [*self._lent, *(each for each, _ in self._free)]:
            connection.terminate()
        self._free.clear()

    async def _opened(self) -> Connection:
        """A new connection, already counted in `_opening`."""
        try:
            connection = await self._connect()
        except BaseException:
            self._opening -= 1
            self._wake(None)
            raise
        self._opening -= 1
        self._lent.add(connection)
        return connection

    def _wake(self, connection: Connection | None) -> bool:
        """Resume the longest waiting caller with this connection, or to open a new one."""
        if self._waiting_for_admission:
            self._admit_next_soon()
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                if connection is not None:
                    self._lent.add(connection)
                else:
                    self._opening += 1
                turn.set_result(connection)
                return True
        return False

    def _admit_next_soon(self) -> None:
        """After the caller admitted before waits in `take` or turned out to need no connection."""
        assert self._loop is not None
        self._loop.call_soon(self._admit_next)

    def _admit_next(self) -> None:
        """Admit the longest waiting caller of `admit`, if there is capacity."""
        while self._waiting_for_admission and len(self._waiting) < self._size:
            turn = self._waiting_for_admission.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    async def _turn(self) -> Connection | None:
        """Wait for a connection. None if a new one may be opened. Raises Busy."""
        turn, end = self._begin_to_wait(self._waiting)
        try:
            return await turn
        except asyncio.CancelledError:
            self._leave(turn)
            raise
        finally:
            end.cancel()

    def _begin_to_wait(self, queue: Queue[Connection]) -> tuple[asyncio.Future[Connection | None], Deadline]:
        """A place at the end of the queue with a deadline. Raises Busy if the queue is full."""
        if len(queue) + self.waiting_elsewhere >= self._most_waiting:
            raise Busy(self._to)
        if self._loop is None:
            self._loop = asyncio.get_running_loop()  # a system call each time
        turn: asyncio.Future[Connection | None] = self._loop.create_future()
        queue.append(turn)
        return turn, self._ends.begin(self._loop, partial(self._end, queue, turn))

    def _end(self, queue: Queue[Connection], turn: asyncio.Future[Connection | None]) -> None:
        """End a wait by Busy."""
        if not turn.done():
            queue.remove(turn)
            turn.set_exception(Busy(self._to))
            self._admit_next_soon()

    def _leave(self, turn: asyncio.Future[Connection | None]) -> None:
        """Handle a cancelled wait: pass on a connection that was assigned meanwhile."""
        if turn.cancelled():
            with suppress(ValueError):  # it may have been removed already
                self._waiting.remove(turn)
        elif turn.exception() is None:
            connection = turn.result()
            if connection is not None:
                self.give_back(connection)
            else:
                self._opening -= 1
                self._wake(None)
