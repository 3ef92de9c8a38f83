"""What is read from a request, and what is none."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from gateway.errors import Refusal
from gateway.requests.request import Request, read_body, read_query_string

QUERY = 'query a($id: ID!) { order(id: $id) { customer { name } } other: product(sku: "a\\":b") { sku } }'
WHOLE = {
    "query": QUERY,
    "operationName": "a",
    "variables": {"id": "1", "deep": [{"a": {"b": [1, {"c": None}]}}]},
    "extensions": {"x": {"y": 1}},
}


def by_get(**parameters: Any) -> Request:
    texts = {name: each if isinstance(each, str) else orjson.dumps(each).decode() for name, each in parameters.items()}
    return read_query_string(urlencode(texts).encode(), [])


@pytest.mark.parametrize("is_get", [True, False])
def test_a_request_is_read_whole(is_get: bool) -> None:
    request = by_get(**WHOLE) if is_get else read_body(orjson.dumps({**WHOLE, "more": 1}), [])

    read = {
        "query": request.query,
        "operationName": request.operation_name,
        "variables": request.variables,
        "extensions": request.extensions,
    }
    assert read == WHOLE
    assert request.is_get is is_get


def test_what_is_null_is_as_if_it_were_not_there() -> None:
    request = read_body(b'{"query": "{a}", "operationName": null, "variables": null, "extensions": null}', [])

    assert (request.operation_name, request.variables, request.extensions) == (None, {}, {})
    assert by_get(query="{a}", variables="null", operationName="").operation_name is None


def test_a_key_may_look_like_another_in_a_text() -> None:
    body = {"query": '{ a(b: "\\"query\\":") }', "variables": {"query": '"query":', "x": [{"query": 1}]}}

    assert read_body(orjson.dumps(body), []).variables == body["variables"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'[{"query": "{a}"}]',
        b"{}",
        b'{"query": ""}',
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": "{a}", "operationName": 1}',
        b'{"query": "{a}", "variables": "{}"}',
        b'{"query": "{a}", "variables": []}',
        b'{"query": "{a}", "extensions": 0}',
        b'{"query": "{a}", "query": "{b}"}',
        b'{"query": "{a}", "\\u0071uery": "{b}"}',
        b'{"query": "{a}", "variables": {}, "variables": {}}',
        b'{"query": "{a}", "variables": {"a": 1, "a": 2}}',
        b'{"query": "{a}", "variables": {"a": [{"b" : 1, "b"\n: 2}]}}',
        b'{"query": "{a}", "variables": {"a": NaN}}',
        b'{"query": "{a}", "variables": {"a": 1e999}}',
        b'{"query": "{a}", "variables": {"a": "\\ud800"}}',
        b'{"query": "\xff"}',
        '{"query": "{a}"}'.encode("utf-16"),
        b'{"query": "{a}", "variables": {"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}}",
        b'{"query": "{a}", "variables": ' + b'{"a": ' * 700 + b"1" + b"}" * 700 + b"}",
        b'{"query": "{a}", "variables": ' + b'{"a": ' * 10_000 + b"1" + b"}" * 10_000 + b"}",
    ],
)
def test_a_body_that_is_no_request_is_refused(body: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read_body(body, [])

    assert (refused.value.code, refused.value.status) == ("BAD_REQUEST", 400)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"query=",
        b"query=%7Ba%7D&query=%7Bb%7D",
        b"query=%7Ba%7D&variables=%7B%7D&variables=%7B%7D",
        b"query=%ff",
        b"query=\xff",
        b"query=%7Ba%7D&variables=%5B%5D",
        b"query=%7Ba%7D&variables=1",
        b"query=%7Ba%7D&variables=x",
        b"query=%7Ba%7D&extensions=%22%22",
        b"query=%7Ba%7D" + b"&a=1" * 30,
    ],
)
def test_an_address_that_is_no_request_is_refused(text: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read_query_string(text, [])

    assert (refused.value.code, refused.value.status) == ("BAD_REQUEST", 400)
