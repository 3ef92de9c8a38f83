"""Errors as clients see them: each with a code, and without internal details."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import asyncpg
from graphql import GraphQLError

from chassis.http.errors.problems import Unavailable
from chassis.logs import logger
from chassis.rest.cursors import InvalidCursor

log = logger(__name__)

BAD_REQUEST = "BAD_REQUEST"
"""The request is not a valid GraphQL request."""

BAD_USER_INPUT = "BAD_USER_INPUT"
"""The query or one of its arguments is invalid; the message says which."""

OPERATION_RESOLUTION_FAILURE = "OPERATION_RESOLUTION_FAILURE"
"""The operation is not named, or the document has none with this name."""

CURSOR_GONE = "CURSOR_GONE"
"""The cursor has expired; restart the list without a cursor."""

TOO_COMPLEX = "TOO_COMPLEX"
"""The query exceeds a limit; the message says which."""

INTROSPECTION_DISABLED = "INTROSPECTION_DISABLED"
"""Introspection is disabled."""

PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
"""The hash is unknown; send the query with it once."""

PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
"""Only version 1 of the protocol is supported."""

PERSISTED_QUERY_HASH_MISMATCH = "PERSISTED_QUERY_HASH_MISMATCH"
"""The hash does not match the query."""

OPERATION_NOT_REGISTERED = "OPERATION_NOT_REGISTERED"
"""Only registered operations are executed."""

RATE_LIMITED = "RATE_LIMITED"
"""The client exceeded its rate limit; retry after `Retry-After`."""

TIMEOUT = "TIMEOUT"
"""The query took too long and was cancelled, with all its statements."""

NOT_YET_CONSISTENT = "NOT_YET_CONSISTENT"
"""A required write has not arrived in time; `lagMs` says how far behind each source is."""

STALE = "STALE"
"""The data is older than the request allows; `lagMs` says how old each source is."""

UNKNOWN_CURSOR = "UNKNOWN_CURSOR"
"""The position is not in the stream of changes: reload the data, then subscribe again."""

TOO_SLOW = "TOO_SLOW"
"""The client was too slow, and its subscription was closed; resume it with `cursor`."""

UNAVAILABLE = "UNAVAILABLE"
"""A database is unavailable; retry the same query later."""

INTERNAL = "INTERNAL"
"""An internal error; the log has the reason under the request's id."""


class CursorGone(Exception):
    """The list of a cursor has expired."""


INTERNAL_MESSAGE = "internal error; quote the X-Request-Id to support"

MAX_MESSAGE = 500
"""The maximum length of a message, which may repeat input, in characters."""

_TOO_MANY_DIGITS = "Exceeds the limit"
"""The beginning of Python's error for numbers of more than 4300 digits."""


class BadInput(Exception):
    """An argument that the schema allows and the gateway does not. The message is for the client."""


class Refusal(Exception):
    """A request that is answered with one error and no data. The message is for the client.

    `status` is the HTTP status. `is_well_formed` says that only the document or the variables are invalid: then the
    status is 200 as `application/json`. `extensions` are added to the error's code.
    """

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 400,
        *,
        is_well_formed: bool = False,
        headers: dict[str, str] | None = None,
        **extensions: Any,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.is_well_formed = is_well_formed
        self.headers = headers or {}
        self.extensions = extensions


def unavailable(detail: str) -> Refusal:
    """The 503 of an unavailable or overloaded database."""
    return Refusal(UNAVAILABLE, detail, 503, headers={"Retry-After": "1"})


def timed_out(within_s: float) -> Refusal:
    """The 504 of a query that was cancelled after this time."""
    return Refusal(TIMEOUT, f"the query took longer than {within_s:g} s and was cancelled", 504)


def internal_error() -> Refusal:
    """The 500 of an unexpected error, which the log explains."""
    return Refusal(INTERNAL, INTERNAL_MESSAGE, 500)


def graphql_error(message: str, code: str, nodes: Any = None) -> GraphQLError:
    """An error in a query, with its code."""
    return GraphQLError(message, nodes, extensions={"code": code})


def for_client(errors: Iterable[GraphQLError]) -> list[GraphQLError]:
    """The errors with their codes, for a client. Logs each internal error once."""
    logged: set[int] = set()
    return [_for_client(error, logged) for error in errors]


def _for_client(error: GraphQLError, logged: set[int]) -> GraphQLError:
    if error.extensions and "code" in error.extensions:
        return error
    reason = _reason(error)
    if reason is None or isinstance(reason, BadInput):
        return _with_code(error, error.message, BAD_USER_INPUT)
    if isinstance(reason, InvalidCursor):
        return _with_code(error, "use cursors of this list as `after` and `before`, unchanged", BAD_USER_INPUT)
    if isinstance(reason, CursorGone):
        return _with_code(error, "this cursor has expired; restart the list without a cursor", CURSOR_GONE)
    if isinstance(reason, ValueError) and str(reason).startswith(_TOO_MANY_DIGITS):
        return _with_code(error, "a number has too many digits", BAD_USER_INPUT)
    is_new = id(reason) not in logged
    logged.add(id(reason))
    if isinstance(reason, asyncpg.UndefinedTableError):
        reason = Unavailable("the read model")
    if isinstance(reason, Unavailable):
        if is_new:
            log.warning("database unavailable", path=error.path, reason=repr(reason.__cause__ or reason))
        return _with_code(error, reason.detail, UNAVAILABLE)
    if is_new:
        log.error("field failed", path=error.path, exc_info=reason)
    return _with_code(error, INTERNAL_MESSAGE, INTERNAL)


def _reason(error: GraphQLError) -> Exception | None:
    """The exception of our code; None for an error that GraphQL found in the query."""
    reason: Exception | None = error
    while isinstance(reason, GraphQLError):
        reason = reason.original_error
    return reason


def _with_code(error: GraphQLError, message: str, code: str) -> GraphQLError:
    message = message.replace(" not to be None.", " not to be null.")  # graphql-core's only word of Python
    message = message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}…"
    return GraphQLError(message, error.nodes, error.source, error.positions, error.path, extensions={"code": code})
