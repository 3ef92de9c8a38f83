"""Requests, read strictly from the body of a POST or the URL of a GET.

Source: https://graphql.github.io/graphql-over-http/draft/ (requests).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from graphql import OperationDefinitionNode, OperationType

from gateway.errors import BAD_REQUEST, Refusal

Headers = Sequence[tuple[bytes, bytes]]

_KEY = re.compile(rb'"\s*:')
_MAX_PARAMETERS = 20
_PARAMETERS = ("query", "operationName", "variables", "extensions")


class Body(msgspec.Struct, rename="camel"):
    """The JSON of a request. Other members are ignored."""

    query: str | None = None
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None


@dataclass(slots=True)
class Request:
    """One request. `headers` have lower-case names, as in ASGI."""

    query: str
    operation_name: str | None
    variables: dict[str, Any]
    extensions: dict[str, Any]
    headers: Headers
    is_get: bool

    def check_method(self, definition: OperationDefinitionNode | None) -> None:
        """Raise Refusal for a mutation, if it came by GET."""
        if self.is_get and definition is not None and definition.operation is OperationType.MUTATION:
            raise Refusal(BAD_REQUEST, "mutations cannot be sent with GET", 405, headers={"Allow": "POST"})


_body = msgspec.json.Decoder(Body)
_object = msgspec.json.Decoder(dict[str, Any])


def read_body(body: bytes, headers: Headers) -> Request:
    """The request in the body of a POST. Raises Refusal for an invalid one."""
    try:
        read = _body.decode(body)
        _check_each_key_is_there_once(body, read)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise Refusal(BAD_REQUEST, f"the body is not a GraphQL request: {_reason(error)}") from error
    return _request(read, headers, is_get=False)


def read_query_string(text: bytes, headers: Headers) -> Request:
    """The request in the URL of a GET. Raises Refusal for an invalid one."""
    try:
        if text.count(b"&") >= _MAX_PARAMETERS:
            raise ValueError("too many parameters")
        given = parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict")
        parameters = dict(given)
        if any(sum(key == name for key, _ in given) > 1 for name in _PARAMETERS):
            raise ValueError("duplicate parameter")
        parts = {name: _part(parameters.get(name)) for name in ("variables", "extensions")}
    except (ValueError, RecursionError) as error:
        raise Refusal(BAD_REQUEST, f"the URL is not a GraphQL request: {_reason(error)}") from error
    read = Body(parameters.get("query"), parameters.get("operationName"), **parts)
    return _request(read, headers, is_get=True)


def _part(text: str | None) -> dict[str, Any] | None:
    return None if text is None or text in ("", "null") else _object.decode(text)


def _request(read: Body, headers: Headers, *, is_get: bool) -> Request:
    if not read.query and not (read.extensions and "persistedQuery" in read.extensions):
        raise Refusal(BAD_REQUEST, "the request has no query")
    return request_of(read, headers, is_get=is_get)


def request_of(read: Body, headers: Headers, *, is_get: bool = False) -> Request:
    """The request that was read. An empty name of an operation is none, as in GraphQL over HTTP's URLs."""
    return Request(
        read.query or "",
        read.operation_name or None,
        read.variables or {},
        read.extensions or {},
        headers,
        is_get=is_get,
    )


def _check_each_key_is_there_once(body: bytes, read: Body) -> None:
    """Raise ValueError when an object of the body has a key twice: two parsers could read two different requests.

    The body is parsed a second time only if its text may have more keys than were read.
    """
    known = sum(value is not None for value in (read.query, read.operation_name, read.variables, read.extensions))
    if len(_KEY.findall(body)) > known + _keys(read.variables) + _keys(read.extensions):
        json.loads(body, object_pairs_hook=_once)


def _keys(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(_keys(each) for each in value.values() if type(each) in (dict, list))
    if isinstance(value, list):
        return sum(_keys(each) for each in value if type(each) in (dict, list))
    return 0


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        raise ValueError("duplicate key")
    return read


def _reason(error: Exception) -> str:
    """What is wrong, in words of JSON: msgspec's errors have them, Python's do not."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, UnicodeError):
        return "not valid UTF-8"
    return str(error)[:200]
