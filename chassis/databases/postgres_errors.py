"""Classifies errors of Postgres by SQLSTATE: outage, or bug.

Source: PostgreSQL 18, appendix A. Other states are bugs or misconfigurations (28P01, a wrong password; 42P01, no such
table), which a retry does not fix.
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
    """Whether the server is unavailable, overloaded or read-only, so that a retry may succeed.

    `is_closed`: the connection is closed, which explains an error of the driver without a SQLSTATE.
    """
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return state in _STATES or state[:2] in _CLASSES
    if isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError):
        return is_closed
    return is_outage(error)
