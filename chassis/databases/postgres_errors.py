"""What Postgres's errors mean, by SQLSTATE: an outage, or a bug of ours or of how the server is set up.

Source: PostgreSQL 18, appendix A. What is not here (28P01, a wrong password; 42P01, no such table) no waiting mends.
"""

from __future__ import annotations

import asyncpg

from chassis.outages import is_outage

_CLASSES = {
    "08": "the connection failed",
    "40": "the transaction was undone for another one",
    "53": "no disk, memory or connection is left",
}

_STATES = {
    "25006": "the server is read-only, as in a failover",
    "25P03": "this process stood still in a transaction for too long",
    "55P03": "a lock is held",
    "57014": "the statement was cancelled, or took too long",
    "57P01": "the server shuts down",
    "57P02": "the server has crashed",
    "57P03": "the server starts",
    "57P05": "the server closed a connection that was idle",
}


def is_unavailable(error: BaseException, *, is_closed: bool = False) -> bool:
    """Whether the server is away, busy or not to be written to, so that it is right to try again later.

    `is_closed`: the connection is. Then an error of the driver itself, which has no SQLSTATE, only says so.
    """
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return state in _STATES or state[:2] in _CLASSES
    if isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError):
        return is_closed
    return is_outage(error)
