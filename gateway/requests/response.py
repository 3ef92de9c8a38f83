"""Answers as bytes, and the HTTP status that goes with each (GraphQL over HTTP).

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


class Answer(NamedTuple):
    """One answer: its body, JSON; and how it went, `ok`, `partial` or the code of what kept it from being answered.

    `status` goes with `application/graphql-response+json`, `plain_status` with `application/json`.
    """

    body: bytes
    outcome: str = "ok"
    status: int = 200
    plain_status: int = 200
    headers: Headers = ()


def with_data(data: bytes, found: Sequence[GraphQLError], extensions: Mapping[str, Any]) -> Answer:
    """The answer of an operation that was carried out; `data` is JSON."""
    parts = [b'{"data":', data]
    if found:
        parts += [b',"errors":', orjson.dumps([each.formatted for each in found])]
    if extensions:
        parts += [b',"extensions":', orjson.dumps(extensions)]
    return Answer(b"".join([*parts, b"}"]), "partial" if found else "ok")


def without_data(found: Sequence[GraphQLError], extensions: Mapping[str, Any]) -> Answer:
    """The answer to a well-formed request whose document or variables are wrong."""
    return _told([each.formatted for each in found], extensions, 400, 200)


def refused(refusal: Refusal, extensions: Mapping[str, Any]) -> Answer:
    """The answer to a request that is not carried out."""
    plain_status = 200 if refusal.is_well_formed else refusal.status
    return _told([error_of(refusal)], extensions, refusal.status, plain_status, tuple(refusal.headers.items()))


def error_of(refusal: Refusal) -> dict[str, Any]:
    """The error that says so, as JSON values."""
    return {"message": refusal.message, "extensions": {"code": refusal.code, **refusal.extensions}}


def unavailable(found: Sequence[GraphQLError], extensions: Mapping[str, Any]) -> Answer:
    """The answer when nothing could be answered because a store is away."""
    return _told([each.formatted for each in found], extensions, 503, 503, (("Retry-After", "1"),))


def is_unavailable(data: Mapping[str, Any] | None, found: Sequence[GraphQLError]) -> bool:
    """Whether no field was answered, each because a store is away."""
    away = {error.path[0] for error in found if error.path and (error.extensions or {})["code"] == errors.UNAVAILABLE}
    return bool(away) and all(value is None and field in away for field, value in (data or {}).items())


def _told(
    found: list[Any],
    extensions: Mapping[str, Any],
    status: int,
    plain_status: int,
    headers: Headers = (),
) -> Answer:
    body = {"errors": found, **({"extensions": extensions} if extensions else {})}
    return Answer(orjson.dumps(body), found[0]["extensions"]["code"], status, plain_status, headers)
