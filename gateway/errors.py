"""Errors as a client sees them: each with a code, and never what is inside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import asyncpg
from graphql import GraphQLError

from chassis.http.problems import Unavailable
from chassis.logs import logger
from chassis.rest.cursors import InvalidCursor

log = logger(__name__)

BAD_REQUEST = "BAD_REQUEST"
"""What was sent is no GraphQL request."""

BAD_USER_INPUT = "BAD_USER_INPUT"
"""The query or one of its arguments does not fit; the message says what."""

OPERATION_RESOLUTION_FAILURE = "OPERATION_RESOLUTION_FAILURE"
"""Which operation of the document is meant is not said, or there is none of that name."""

CURSOR_GONE = "CURSOR_GONE"
"""The cursor's list was begun too long ago; begin it again without a cursor."""

TOO_COMPLEX = "TOO_COMPLEX"
"""The query asks for more than one request may; the message says of what."""

INTROSPECTION_DISABLED = "INTROSPECTION_DISABLED"
"""Nobody is told the schema here."""

PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
"""The hash is nobody's here; send the query with it, once."""

PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
"""Queries are known by version 1 of the protocol alone."""

PERSISTED_QUERY_HASH_MISMATCH = "PERSISTED_QUERY_HASH_MISMATCH"
"""The hash is that of another query."""

OPERATION_NOT_REGISTERED = "OPERATION_NOT_REGISTERED"
"""Only registered operations are carried out here, and this is none."""

RATE_LIMITED = "RATE_LIMITED"
"""The caller has asked too often; `Retry-After` says when to go on."""

TIMEOUT = "TIMEOUT"
"""The answer took too long and was given up, with all statements in the stores."""

NOT_YET_CONSISTENT = "NOT_YET_CONSISTENT"
"""What was written, and is to be seen, did not arrive here in time; `lagMs` says how far behind each source is."""

STALE = "STALE"
"""What is here is older than the request allows; `lagMs` says how old each source is."""

UNKNOWN_CURSOR = "UNKNOWN_CURSOR"
"""The stream of changes has no such place (any more): what is shown must be read anew, then subscribed to."""

TOO_SLOW = "TOO_SLOW"
"""A subscriber who took too long with what came; `cursor` is where to go on from."""

UNAVAILABLE = "UNAVAILABLE"
"""A store is away; the same query will do later."""

INTERNAL = "INTERNAL"
"""The gateway failed; the log has the reason beside the request's id."""


class CursorGone(Exception):
    """The list that a cursor is of is kept no longer."""


FAILED_INSIDE = "this failed inside; the log has the reason"

LONGEST = 500
"""So much of a message is told, in characters: it may repeat what the client sent."""

_TOO_MANY_DIGITS = "Exceeds the limit"
"""So begins Python's refusal to read or write a number of more than 4300 digits."""


class BadInput(Exception):
    """An argument that the schema allows and the gateway does not. The message is for the client."""


class Refusal(Exception):
    """A request that is answered with one error and no data. The message is for the client.

    `status` is the HTTP status. `is_well_formed` says that what was asked is a GraphQL request, and its document or its
    variables are wrong: an answer as plain `application/json` is 200 then. `extensions` go beside the error's code.
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
    """The 503 of a store that is away or has too much to do."""
    return Refusal(UNAVAILABLE, detail, 503, headers={"Retry-After": "1"})


def failed_inside() -> Refusal:
    """The 500 of what nobody foresaw; the log has the reason."""
    return Refusal(INTERNAL, FAILED_INSIDE, 500)


def coded(message: str, code: str, nodes: Any = None) -> GraphQLError:
    """An error of ours, of a query, with its code."""
    return GraphQLError(message, nodes, extensions={"code": code})


def shown(errors: Iterable[GraphQLError]) -> list[GraphQLError]:
    """The errors with their codes, for a client. A reason that a client may not see goes to the log, once."""
    logged: set[int] = set()
    return [_shown(error, logged) for error in errors]


def _shown(error: GraphQLError, logged: set[int]) -> GraphQLError:
    if error.extensions and "code" in error.extensions:
        return error
    reason = _reason(error)
    if reason is None or isinstance(reason, BadInput):
        return _with_code(error, error.message, BAD_USER_INPUT)
    if isinstance(reason, InvalidCursor):
        return _with_code(error, "take `after` and `before` from cursors of this list, unchanged", BAD_USER_INPUT)
    if isinstance(reason, CursorGone):
        return _with_code(error, "this list is kept no longer; begin it again without a cursor", CURSOR_GONE)
    if isinstance(reason, ValueError) and str(reason).startswith(_TOO_MANY_DIGITS):
        return _with_code(error, "a number has too many digits", BAD_USER_INPUT)
    is_new = id(reason) not in logged
    logged.add(id(reason))
    if isinstance(reason, asyncpg.UndefinedTableError):
        reason = Unavailable("the read model")
    if isinstance(reason, Unavailable):
        if is_new:
            log.warning("unavailable", path=error.path, reason=repr(reason.__cause__ or reason))
        return _with_code(error, reason.detail, UNAVAILABLE)
    if is_new:
        log.error("failed", path=error.path, exc_info=reason)
    return _with_code(error, FAILED_INSIDE, INTERNAL)


def _reason(error: GraphQLError) -> Exception | None:
    """What was raised in our code; None for an error that GraphQL itself found in the query."""
    reason: Exception | None = error
    while isinstance(reason, GraphQLError):
        reason = reason.original_error
    return reason


def _with_code(error: GraphQLError, message: str, code: str) -> GraphQLError:
    message = message if len(message) <= LONGEST else f"{message[:LONGEST]}…"
    return GraphQLError(message, error.nodes, error.source, error.positions, error.path, extensions={"code": code})
