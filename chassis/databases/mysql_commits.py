"""How a transaction begins and ends, and the outcome of its COMMIT, which is known only once the server has answered.

From the moment when COMMIT is sent, the server may have written the transaction, whatever happens to the answer.

A process that is stopped inside a transaction would keep its locks for as long as it is stopped. So the server closes
a connection that is idle for `LOCK_LIFETIME_S` inside a transaction, which rolls back. Outside of one, it may be idle
for as long as usual. Both statements travel in packets that are sent anyway. `idle_transaction_timeout` would say the
same, but only MariaDB has it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pymysql

from chassis.databases import mysql_errors

LOCK_LIFETIME_S = 5
"""How long a transaction may be idle between two of its statements, in seconds: its locks are released then."""

BEGIN = (f"SET wait_timeout = {LOCK_LIFETIME_S}", "BEGIN")
COMMIT = "COMMIT"

_USUAL_WAIT = "SET wait_timeout = DEFAULT"
ROLLBACK = ("ROLLBACK", _USUAL_WAIT)


class GuardFailed(Exception):
    """The last statement of a transaction changed other rows than it must. The transaction is rolled back."""


class Ending:
    """The statements with which a transaction is committed, in one packet."""

    def __init__(self) -> None:
        self.last: str | None = None
        """The last statement before COMMIT."""
        self.changes: int | None = None
        """How many rows the last statement must change."""
        self.query: str | None = None
        """A query to be executed after COMMIT."""

    def statements(self) -> list[str]:
        """From the last statement to the query after COMMIT.

        The server ends the packet at the first error. The guard is an invalid value for `wait_timeout`, which is set
        here anyway: so it costs no statement.
        """
        reset = _USUAL_WAIT
        if self.changes is not None:
            reset = f"SET wait_timeout = IF(ROW_COUNT() = {self.changes:d}, @@global.wait_timeout, NULL)"
        return [each for each in (self.last, reset, COMMIT, self.query) if each is not None]


class Packet:
    """The statements of one packet: queued ones, those that are executed, and perhaps the ending of the transaction."""

    def __init__(
        self, queued: Sequence[str], own: Sequence[str], ending: Sequence[str], inserts_at: int | None
    ) -> None:
        self._first, self._end = len(queued), len(queued) + len(own)
        self.statements = [*queued, *own, *ending]
        self.commit_at = self._end + ending.index(COMMIT) if ending else len(self.statements)
        """The position of COMMIT; after the last one without."""
        self.inserts_at = inserts_at
        """The position of the INSERT whose generated id is wanted."""

    def is_own(self, number: int) -> bool:
        """Whether the statement at this position is neither a queued one nor one of the ending."""
        return self._first <= number < self._end


class Commit:
    """The COMMIT of one transaction, and what is known of it."""

    def __init__(self, limit: asyncio.Timeout, timeout_s: float) -> None:
        """`limit` is the timeout of the transaction. The answer of COMMIT may take `timeout_s` more."""
        self._limit = limit
        self._timeout_s = timeout_s
        self.is_unknown = False
        """Whether it was sent, and the server has not said whether it has written the transaction."""

    def begin(self) -> None:
        """COMMIT is sent next: wait for its answer, even if the time of the transaction is over before it comes."""
        if self._limit.when() is not None:
            self._limit.reschedule(asyncio.get_running_loop().time() + self._timeout_s)
        self.is_unknown = True

    def succeeded(self) -> None:
        """The server has written the transaction."""
        self.is_unknown = False

    def failed(self, error: pymysql.err.Error, *, is_own: bool) -> None:
        """Note an error, which is the answer of COMMIT itself or of a statement that was sent before it.

        The server executes nothing after a statement that fails.
        """
        if is_own:
            self.is_unknown = not mysql_errors.is_rolled_back(error)
        else:
            self.is_unknown = not mysql_errors.is_answer(error)
