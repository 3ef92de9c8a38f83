"""The outcome of a COMMIT: it is known only once the server has answered.

From the moment when COMMIT is sent, the server may have written the transaction, whatever happens to the answer.
"""

from __future__ import annotations

import asyncio

import pymysql

from chassis.databases import mysql_errors


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
