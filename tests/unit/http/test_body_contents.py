"""What a body may hold and how it may be sent, byte for byte to every service behind the real protocol."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator, Iterator
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.http.content import strict_json
from chassis.openapi.documents import CHECKOUT, SERVICES
from tests.support.exchange import Answer, Send, on_a_socket
from tests.support.unready_apps import unready_app

AN_ID = "01990b3e-6a50-7c3e-9a3f-2b1f0c6a7d10"
JSON = {"Content-Type": "application/json"}


def operations() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Each operation: its service, method, a path of it, and what the document says."""
    for service in SERVICES:
        document = json.loads((CHECKOUT / service / "openapi.json").read_text())
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                names = [each["name"] for each in operation["parameters"] if each["in"] == "path"]
                filled = path
                for name in names:
                    filled = filled.replace(f"{{{name}}}", AN_ID)
                yield service, method.upper(), filled, operation


WITHOUT_A_BODY = [(service, method, path) for service, method, path, each in operations() if "requestBody" not in each]
WITH_A_BODY = [
    (service, method, path)
    for service, method, path, each in operations()
    if "requestBody" in each and not path.endswith("/bulk")
]
BULK = [(service, method, path) for service, method, path, each in operations() if path.endswith("/bulk")]


@pytest.fixture
async def send(service: str) -> AsyncIterator[Send]:
    async with on_a_socket(unready_app(service)) as sending:
        yield sending


def faults(answer: Answer) -> list[tuple[str, str]]:
    assert (answer.status, answer.problem) == (422, "invalid-request"), answer.body
    assert answer.status_line == "HTTP/1.1 422 Unprocessable Content"
    assert json.loads(answer.body)["title"] == "Unprocessable Content"
    return [(each["pointer"], each["detail"]) for each in json.loads(answer.body)["errors"]]


@pytest.mark.parametrize(("service", "method", "path"), WITHOUT_A_BODY)
async def test_an_operation_without_a_body_drops_none(send: Send, method: str, path: str) -> None:
    assert faults(await send(method, path, JSON, b'{"reason": "x", "a/b": 1}')) == [
        ("#/reason", "unknown member"),
        ("#/a~1b", "unknown member"),
    ]
    for body in (b"[]", b"null", b'"{}"', b"0"):
        assert [pointer for pointer, _ in faults(await send(method, path, JSON, body))] == ["#"]
    assert (await send(method, path, JSON, b"{")).problem == "not-json"
    assert (await send(method, path, {"Content-Type": "text/plain"}, b"x")).status == 415


@pytest.mark.parametrize(("service", "method", "path"), WITHOUT_A_BODY)
@pytest.mark.parametrize("body", [b"", b"{}", b" { }\n"])
async def test_an_empty_body_is_none(send: Send, method: str, path: str, body: bytes) -> None:
    answer = await send(method, path, JSON, body)

    assert answer.problem not in ("not-json", "unsupported-media-type", "internal-error")
    assert b'"pointer"' not in answer.body


@pytest.mark.parametrize(("service", "method", "path"), WITH_A_BODY)
async def test_json_is_strict(send: Send, method: str, path: str) -> None:
    media_type = {"Content-Type": "application/merge-patch+json"} if method == "PATCH" else JSON
    media_type = JSON if path.endswith("lines") else media_type

    twice = faults(await send(method, path, media_type, b'{"a": 1, "b": {"c": [{"d": 1, "d": 1}]}, "a": 2}'))
    assert twice == [("#/a", "must be given only once")]
    nested = faults(await send(method, path, media_type, b'{"a": 1, "b": {"c": [{"d": 1, "d": 1}]}}'))
    assert nested == [("#/b/c/0/d", "must be given only once")]
    for body in (b'{"a": NaN}', b"Infinity", b"-Infinity", b"{'a': 1}", b'{"a": 1,}', b"{} {}", b"[" * 100_000):
        answer = await send(method, path, media_type, body)
        assert (answer.status, answer.problem) in ((400, "not-json"), (400, "bad-request")), body[:20]


@pytest.mark.parametrize(("service", "method", "path"), [*WITH_A_BODY, *WITHOUT_A_BODY])
async def test_a_number_that_is_too_long_to_be_read_is_named(send: Send, method: str, path: str) -> None:
    media_type = {"Content-Type": "application/merge-patch+json"} if method == "PATCH" else JSON
    media_type = JSON if path.endswith("lines") else media_type

    answer = await send(method, path, media_type, b'{"a": [-%s]}' % (b"9" * 5000))

    assert (answer.status, answer.problem) == (400, "bad-request")
    assert json.loads(answer.body)["detail"] == "A number in the body has too many digits."


CODINGS = ["gzip", "GZIP", "br", "deflate", "gzip, gzip", "identity, gzip", "made-up", "x-gzip"]


@pytest.mark.parametrize(("service", "method", "path"), [*WITH_A_BODY, *BULK])
async def test_an_encoded_body_is_refused_whatever_it_holds(send: Send, method: str, path: str) -> None:
    for coding in CODINGS:
        for body in (b"{}", gzip.compress(b"{}")):
            answer = await send(method, path, JSON | {"Content-Encoding": coding}, body)
            assert (answer.status, answer.problem) == (415, "unsupported-media-type"), coding
            assert answer.headers["accept-encoding"] == "identity"
    assert (await send(method, path, JSON | {"Content-Encoding": "identity"}, b"!")).headers.get(
        "accept-encoding"
    ) is None


@pytest.mark.parametrize("coding", CODINGS)
async def test_the_gateway_refuses_an_encoded_body_too(coding: str) -> None:
    async with on_a_socket(unready_app("gateway")) as send:
        headers, query = JSON | {"Content-Encoding": coding}, b'{"query": "{ __typename }"}'
        answer = await send("POST", "/graphql", headers, query)
        stream = await send("POST", "/graphql", headers | {"Accept": "text/event-stream"}, query)

    assert (answer.status, answer.headers["accept-encoding"]) == (415, "identity")
    assert b"without Content-Encoding" in stream.body


TAKEN = ["application/json", "Application/JSON", "application/json;charset=UTF-8", 'application/json; charset="utf-8"',
         "application/json ; charset=utf8 ;", "application/vnd.shop+json", "application/json; version=1"]  # fmt: skip
REFUSED = ["application/json; charset=latin1", "application/json; charset=utf-16", "text/json", "text/x+json", "json",
           "application/jsonx", "application/+json", "application/json charset=utf-8", "application/json, text/plain",
           "application/x-www-form-urlencoded", "*/*", "application/json; charset",
           "application/json" + ";  " * 5000 + "x y"]  # fmt: skip


@pytest.mark.parametrize(("service", "method", "path"), WITH_A_BODY)
async def test_the_media_type_is_read_as_rfc_9110_says(send: Send, method: str, path: str) -> None:
    taken = ["application/json", "application/merge-patch+json; charset=utf-8"] if method == "PATCH" else TAKEN
    refused = [*REFUSED, "application/json-patch+json"] if method == "PATCH" else REFUSED
    for media_type in taken:
        assert (await send(method, path, {"Content-Type": media_type}, b"!")).status == 400, media_type
    for media_type in refused:
        answer = await send(method, path, {"Content-Type": media_type}, b"{}")
        assert (answer.status, answer.problem) == (415, "unsupported-media-type"), media_type
    assert (await send(method, path, {}, b"{}")).status == 415


@pytest.mark.parametrize(("service", "method", "path"), sorted({(s, "OPTIONS", p) for s, _, p, _ in operations()}))
async def test_a_path_tells_its_methods(send: Send, service: str, method: str, path: str) -> None:
    known = {each for name, each, at, _ in operations() if (name, at) == (service, path)}
    known |= {"HEAD"} & {"HEAD" if "GET" in known else ""} | {"OPTIONS"}
    options, other = (
        await send(method, path),
        await send("TRACE", path, {"Content-Type": "application/x-ndjson"}, b"{}"),
    )

    assert (options.status, other.status, other.problem) == (204, 405, "method-not-allowed")
    for answer in (options, other):
        assert set(answer.headers["allow"].split(", ")) == known


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_what_has_no_member_twice_is_read_as_it_is(value: Any) -> None:
    assert strict_json.read(json.dumps(value)) == value


def test_a_duplicate_after_many_members_is_found_at_once() -> None:
    members = ",".join(f'"{number}":0' for number in range(100_000))
    started = perf_counter()

    with pytest.raises(strict_json.DuplicateMember) as found:
        strict_json.read(f'{{{members},"99999":1}}')

    assert found.value.path == ("99999",)
    assert perf_counter() - started < 10  # with a comparison of each with all before it: minutes
