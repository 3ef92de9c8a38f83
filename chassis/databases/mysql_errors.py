"""Classifies errors of MySQL and MariaDB by number: outage, lock conflict, invalid data, or bug.

Sources: the server errors of MySQL 9.7 and MariaDB 11.4, the client errors of MySQL. Other numbers are bugs or
misconfigurations (1045, a wrong password; 1146, no such table), which a retry does not fix.
"""

from __future__ import annotations

import pymysql

from chassis.outages import is_outage

_CLIENT = {
    2002: "no connection by the socket",
    2003: "no connection to the host",
    2005: "the host's name is not known at the moment",
    2006: "the server has gone away",
    2013: "the connection was lost during a statement",
    2055: "the connection was lost",
}

_SERVER = {
    3: "an error on writing a file, such as a full disk",
    1021: "the disk is full",
    1026: "an error on writing a file, such as a full disk",
    1037: "out of memory",
    1040: "too many connections",
    1041: "out of memory",
    1043: "a handshake that was cut off",
    1047: "a node of a Galera cluster that is not ready",
    1049: "the database is missing: it is to be restored",
    1053: "the server shuts down",
    1114: "the disk is full",
    1129: "the host is blocked after many failed connections",
    1135: "no thread for the connection",
    1152: "the connection was aborted",
    1158: "a packet was not read",
    1159: "a packet was not read in time",
    1160: "a packet was not written",
    1161: "a packet was not written in time",
    1180: "the commit failed, in a cluster",
    1184: "the connection was aborted",
    1203: "too many connections of the account",
    1206: "no memory for more locks",
    1226: "the account has used up what it may",
    1290: "the server is read-only, as in a failover",
    1317: "the statement was killed",
    1637: "too many transactions at once",
    1836: "the server is read-only",
    1927: "the connection was killed (MariaDB)",
    1969: "the statement took longer than it may (MariaDB)",
    3024: "the statement took longer than it may",
    3032: "the server is in offline mode",
    3100: "a hook of replication failed",
    3168: "the server is not available",
    3169: "the session was killed",
    3572: "a lock is held",
    4031: "the server closed a connection that was idle",
}

UNKNOWN_DATABASE, NO_TABLE = 1049, 1146
"""A connection that was open when its database was dropped gets the second one on MariaDB."""

LOCK_TIMEOUT = {1205: "a lock was held for too long"}

ROLLED_BACK = {
    1020: "a row has changed since it was read (MariaDB)",
    1213: "a deadlock's victim",
    1412: "the table was altered meanwhile",
    3101: "the commit was undone for another node's",
}
"""The transaction was rolled back; an immediate retry will most likely succeed."""

_READ_ONLY = (1290, 1836)

UNAVAILABLE = _CLIENT.keys() | _SERVER.keys() | LOCK_TIMEOUT.keys() | ROLLED_BACK.keys()

_BAD_DATA = {
    1153: "a statement longer than the server takes",
    1292: "no time or number",
    1300: "no UTF-8",
    1690: "a number that is too big",
    3140: "no JSON",
    3819: "what a CHECK forbids",
    3854: "text in a character set that it does not fit",
    4025: "what a CHECK forbids, or no JSON (MariaDB)",
}
"""Errors of values that pymysql classifies as errors of the server."""


_NOT_SET = 1231
"""A value that a variable cannot have."""


def number(error: BaseException) -> int | None:
    """The number of a pymysql error; None without one."""
    first = error.args[0] if isinstance(error, pymysql.err.Error) and error.args else None
    return first if isinstance(first, int) else None


def is_unavailable(error: BaseException) -> bool:
    """Whether the server is unavailable, overloaded or read-only, so that a retry may succeed."""
    found = number(error)
    if found in _CLIENT and isinstance(error.__cause__, OSError):  # aiomysql raises these for every socket error
        return is_outage(error.__cause__)
    # The error of the driver for a closed connection has no number.
    return found in UNAVAILABLE or (isinstance(error, pymysql.err.InterfaceError) and "Not connected" in str(error))


def is_bad_data(error: BaseException) -> bool:
    """Whether a value was rejected as invalid, though pymysql classifies the error differently."""
    return isinstance(error, pymysql.err.OperationalError) and number(error) in _BAD_DATA


def is_guard(error: BaseException) -> bool:
    """Whether it is the error by which the end of a transaction is refused: see `mysql_commits.Ending`."""
    return number(error) == _NOT_SET


def is_answer(error: pymysql.err.Error) -> bool:
    """Whether the server itself has sent this error; otherwise, the connection failed."""
    found = number(error)
    return found is not None and found not in _CLIENT


def is_rolled_back(error: pymysql.err.Error) -> bool:
    """Whether this answer to COMMIT says that nothing was written.

    One who is ended in COMMIT, such as by a shutdown of the server, may get an error after it was written.
    """
    found = number(error)
    return found in LOCK_TIMEOUT or found in ROLLED_BACK or found in _READ_ONLY
