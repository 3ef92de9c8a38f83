"""Responses as bytes, with their HTTP status (GraphQL over HTTP).

Source: https://graphql.github.io/graphql-over-http/draft/ (status codes).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from graphql import GraphQLError

from gateway import errors
from gateway.errors import Refusal

Headers = tuple[tuple[str, str], ...]


class Response(NamedTuple):
    """One response: its body, JSON; and its outcome: `ok`, `partial`, or the code of its first error.

    `status` goes with `application/graphql-response+json`, `plain_status` with `application/json`. `errors` is the
    JSON of the errors if the operation was not executed, otherwise empty.
    """

    body: bytes
    outcome: str = "ok"
    status: int = 200
    plain_status: int = 200
    headers: Headers = ()
    errors: bytes = b""

    def as_events(self) -> bytes:
        """The response as a stream of one event (graphql-sse). A client that reconnects waits as `Retry-After` says."""
        wait_s = next((value for name, value in self.headers if name == "Retry-After"), None)
        retry = b"retry: %d\n" % (int(wait_s) * 1000) if wait_s else b""
        return retry + b"event: next\ndata: %s\n\n" % self.body + COMPLETE


COMPLETE = b"event: complete\ndata: \n\n"


def data_response(data: bytes, found: Sequence[GraphQLError], extensions: Mapping[str, Any]) -> Response:
    """The response of an operation that was executed; `data` is JSON."""
    parts = [b'{"data":', data]
    if found:
        parts += [b',"errors":', orjson.dumps([each.formatted for each in found])]
    if extensions:
        parts += [b',"extensions":', orjson.dumps(extensions)]
    return Response(b"".join([*parts, b"}"]), "partial" if found else "ok")


def error_response(found: Sequence[GraphQLError], extensions: Mapping[str, Any]) -> Response:
    """The response to a well-formed request whose document or variables are invalid."""
    return _error_response([each.formatted for each in found], extensions, 400, 200)


def refusal_response(refusal: Refusal, extensions: Mapping[str, Any]) -> Response:
    """The response to a request that is refused."""
    plain_status = 200 if refusal.is_well_formed else refusal.status
    return _error_response(
        [error_of(refusal)], extensions, refusal.status, plain_status, tuple(refusal.headers.items())
    )


def error_of(refusal: Refusal) -> dict[str, Any]:
    """The error of a refusal, as JSON values."""
    return {"message": refusal.message, "extensions": {"code": refusal.code, **refusal.extensions}}


def unavailable_response(found: Sequence[GraphQLError], extensions: Mapping[str, Any]) -> Response:
    """The response when no field could be answered because a database is unavailable."""
    return _error_response([each.formatted for each in found], extensions, 503, 503, (("Retry-After", "1"),))


def is_unavailable(data: Mapping[str, Any] | None, found: Sequence[GraphQLError]) -> bool:
    """Whether no field was answered, each because a database is unavailable."""
    unavailable = {
        error.path[0] for error in found if error.path and (error.extensions or {})["code"] == errors.UNAVAILABLE
    }
    return bool(unavailable) and all(value is None and field in unavailable for field, value in (data or {}).items())


def _error_response(
    found: list[Any],
    extensions: Mapping[str, Any],
    status: int,
    plain_status: int,
    headers: Headers = (),
) -> Response:
    listed = orjson.dumps(found)
    body = {"errors": orjson.Fragment(listed), **({"extensions": extensions} if extensions else {})}
    return Response(orjson.dumps(body), found[0]["extensions"]["code"], status, plain_status, headers, listed)
