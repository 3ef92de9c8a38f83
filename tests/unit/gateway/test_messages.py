"""Messages about requests that are wrong in every other way: they speak of GraphQL and JSON, not of Python."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.operations.operations import Operations
from gateway.operations.validation import Limits
from gateway.schema import schema
from tests.support.gateway.gateway_alone import gateway_alone
from tests.support.python_words import python_in

OPERATIONS = Operations(schema._schema, Limits())

DOCUMENTS = [
    "",
    " ",
    "#",
    "{",
    "}",
    "{}",
    "{ }",
    "query",
    "query {",
    "query a",
    "query a($",
    "query a($x",
    "query a($x: ) { __typename }",
    "query a($x: Int!) { __typename }",
    "query a($x: Nothing) { __typename }",
    "query a($x: Order) { __typename }",
    "query a($x: Int, $x: Int) { __typename }",
    "query a($x: [Int!]! = [1, null]) { orders(first: $x) { nodes { id } } }",
    "query a($x: String) { orders(first: $x) { nodes { id } } }",
    "query a($x: Int = null) { product(sku: $x) { id } }",
    "query a { __typename } query a { __typename }",
    "{ __typename } { __typename }",
    "{ __typename } query a { __typename }",
    "{ nothing }",
    "{ order }",
    "{ order(id: 5) }",
    "{ order { id } }",
    '{ order(id: "x") { id { id } } }',
    '{ order(id: "x", id: "y") { id } }',
    '{ order(id: "x", nope: 1) { id } }',
    '{ order(id: "x") { id: status id } }',
    "{ orders { nodes { ...a } } }",
    "{ ...a } fragment a on Query { ...a }",
    "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
    "{ __typename } fragment a on Query { __typename }",
    "{ ...a } fragment a on Nothing { x }",
    "{ ...a } fragment a on Int { x }",
    "{ ... on Order { id } }",
    "fragment a on Query { __typename }",
    "fragment on on Query { __typename }",
    "type A { b: Int }",
    "{ __typename } type A { b: Int }",
    "{ __typename @nothing }",
    "{ __typename @skip }",
    "{ __typename @skip(if: 5) }",
    '{ __typename @include(if: "true") @include(if: true) }',
    "query @skip(if: true) { __typename }",
    "{ __typename @deprecated }",
    "{ __typename @defer }",
    "{ orders @stream(initialCount: 1) { nodes { id } } }",
    "subscription { ordersChanged { version } orderChanged(id: 5) { version } }",
    "subscription { __typename }",
    "mutation { nothing }",
    "mutation",
    "{ orders(filter: {status: {}}) { nodes { id } } }",
    "{ orders(filter: {status: PLACED, status: SHIPPED}) { nodes { id } } }",
    "{ orders(filter: [{}]) { nodes { id } } }",
    "{ orders(sort: $x) { nodes { id } } }",
    "{ __type { name } }",
    "{ __type(name: 5) { name } }",
    "{ __schema { nothing } }",
    "{ a: __typename\0 }",
    "{ a: __typename\ud7ff\x7f\x85 }",
    "{ a: 'x' }",
    '{ a: """ }',
    '{ product(sku: "\\x") { id } }',
    '{ product(sku: "\\u12") { id } }',
    '{ product(sku: "\n") { id } }',
    "{ orders(first: 01) { nodes { id } } }",
    "{ orders(first: 1.) { nodes { id } } }",
    "{ orders(first: 1e) { nodes { id } } }",
    "{ orders(first: -) { nodes { id } } }",
    "{ orders(first: 0x1F) { nodes { id } } }",
    "{ orders(first: .5) { nodes { id } } }",
    "{ ..a }",
    "{ ….a }",
    "{ é }",
    "{ a b c d e f g h i j k l m n o p }",
    "{ __typename }" * 500,
    "{ a: " * 300,
    " ".join(f"a{number}: __typename" for number in range(2000)),
]

BODIES = [
    "",
    "{",
    "null",
    "true",
    "5",
    "[]",
    '"{ __typename }"',
    "{}",
    '{"query": null}',
    '{"query": 5}',
    '{"query": {}}',
    '{"query": "{ __typename }", "variables": []}',
    '{"query": "{ __typename }", "variables": "{}"}',
    '{"query": "{ __typename }", "operationName": 5}',
    '{"query": "{ __typename }", "extensions": []}',
    '{"query": "{ __typename }", "query": "{ __typename }"}',
    '{"query": "{ __typename }", "variables": {"a": 1, "a": 2}}',
    '{"query": "{ __typename }", "variables": {"a": NaN}}',
    '{"query": "{ __typename }", "variables": {"a": Infinity}}',
    '{"query": "{ __typename }", "variables": {"a": 1e999}}',
    '{"query": "{ __typename }"',
    "{'query': '{ __typename }'}",
    '{"query": "\ufffe"}',
    '{"query": "\\ud800"}',
    '{"query": "\\x"}',
    '{"query": "\x00"}',
    "[" * 100_000,
    '{"variables": ' + '{"a": ' * 5000,
    '{"query": "{ __typename }", "operationName": "nothing"}',
    '{"query": "{ __typename }", "operationName": "None\' <class>"}',
    '{"extensions": {"persistedQuery": null}}',
    '{"extensions": {"persistedQuery": []}}',
    '{"extensions": {"persistedQuery": {}}}',
    '{"extensions": {"persistedQuery": {"version": "1", "sha256Hash": "0"}}}',
    '{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": null}}}',
    '{"query": "{ __typename }", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "%s"}}}' % ("0" * 64),
]

HEADERS = [
    {"Content-Type": ""},
    {"Content-Type": "application/json; charset=latin-1"},
    {"Content-Type": "multipart/form-data; boundary=x"},
    {"Accept": "text/plain"},
    {"Accept": ";"},
    {"Accept": "application/json;q=None"},
    {"X-Client-Id": ""},
    {"X-Client-Id": "a b"},
    {"X-Client-Id": "x" * 1000},
    {"Consistency-Token": ""},
    {"Consistency-Token": "order:x:1"},
    {"Consistency-Token": "order:0197b1a4-7c1e-7cc3-98c4-dc0c0c07398f:99999999999999999999"},
    {"Consistency-Token": ",".join(["product:CHAI:1"] * 30)},
    {"Consistency-Timeout-Ms": "x"},
    {"Consistency-Timeout-Ms": "-1"},
    {"Consistency-Timeout-Ms": "1.5"},
    {"Consistency-Timeout-Ms": "9" * 5000},
    {"Max-Staleness-Ms": "\u0661".encode().decode("latin-1")},
    {"Content-Encoding": "gzip"},
]

URLS = [
    "query",
    "query=",
    "query=%FF",
    "query=%7B__typename%7D&query=%7B__typename%7D",
    "query=%7B__typename%7D&variables=x",
    "query=%7B__typename%7D&variables=5",
    "query=%7B__typename%7D&variables=[]",
    "query=%7B__typename%7D&extensions=%22%22",
    "query=%7B__typename%7D&operationName=x",
    "query=%7B__typename%7D" + "&a=b" * 50,
    "query=mutation%7Bnothing%7D",
    "query=subscription%7BordersChanged%7Bversion%7D%7D",
    "variables=%7B%7D",
    urlencode({"query": "{ é \ud7ff }"}),
    "%00=%00&query=%00",
]


@pytest.fixture
async def client(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway_alone(monkeypatch) as http:
        yield http


def assert_is_told(answer: httpx.Response) -> None:
    """Each error has a message without Python, and a code of the client's errors."""
    errors: list[dict[str, Any]] = answer.json()["errors"]
    assert answer.status_code < 500, answer.text
    for error in errors:
        assert 3 < len(error["message"]) <= 501, error
        assert python_in(error["message"]) == [], error
        assert error["extensions"]["code"] != "INTERNAL"


@pytest.mark.parametrize("number", range(len(DOCUMENTS)))
async def test_what_is_wrong_in_a_document_is_told(client: httpx.AsyncClient, number: int) -> None:
    query = DOCUMENTS[number]
    answer = await client.post("/graphql", json={"query": query}, headers={"Accept": "application/json"})

    if query not in ("{}", "{ }"):
        assert_is_told(answer)


@pytest.mark.parametrize("number", range(len(BODIES)))
async def test_what_is_wrong_in_a_body_is_told(client: httpx.AsyncClient, number: int) -> None:
    body = BODIES[number].encode("utf-8", "surrogatepass")
    assert_is_told(await client.post("/graphql", content=body, headers={"Content-Type": "application/json"}))


@pytest.mark.parametrize("headers", HEADERS)
async def test_what_is_wrong_in_a_header_is_told(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    given = {"Content-Type": "application/json", **headers}
    sent = [(name.encode(), value.encode("latin-1")) for name, value in given.items()]
    assert_is_told(await client.post("/graphql", content=b'{"query": "{ __typename }"}', headers=sent))


@pytest.mark.parametrize("query", URLS)
async def test_what_is_wrong_in_a_url_is_told(client: httpx.AsyncClient, query: str) -> None:
    assert_is_told(await client.get(f"/graphql?{query}", headers={"Accept": "application/json"}))


PIECES = [*'{}()[]:$@!|&="\\\n#\0é1 ,', "...", '"""', "-1", "1.5e", "true", "null"]
PIECES += ["query", "fragment", "on", "a", "orders", "nodes", "id", "first"]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=60))
def test_any_text_is_told_what_is_wrong_with_it(text: str) -> None:
    for error in OPERATIONS.find(text, None).errors:
        assert [word for word in python_in(error.message) if word not in text] == [], error.message
        assert error.extensions is not None
        assert error.extensions["code"] != "INTERNAL"
