"""What the gateway refuses over HTTP, each with its status and code, before it asks a store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway.api import app
from gateway.operations.registered import BadRegister
from tests.support.apps import running
from tests.support.views.read_model import empty_read_model

GRAPHQL = {"Accept": "application/graphql-response+json"}
PAGE = "query ($n: Int!) { orders(first: $n) { edges { node { lines { sku } } } } }"


@pytest.fixture(autouse=True)
async def _read_model() -> AsyncIterator[None]:
    async with empty_read_model():
        yield


async def asked(http: httpx.AsyncClient, query: str, **variables: Any) -> tuple[int, list[str], dict[str, Any]]:
    """The status, the codes of the errors, and the whole answer."""
    answer = await http.post("/graphql", json={"query": query, "variables": variables}, headers=GRAPHQL)
    body = answer.json()
    return answer.status_code, [each["extensions"]["code"] for each in body.get("errors", [])], body


async def test_what_an_answer_costs_is_told() -> None:
    async with running(app()) as http:
        status, codes, body = await asked(http, PAGE, n=3)

    assert (status, codes) == (200, [])
    assert body["extensions"]["cost"] == {"requested": 1 + 3 * (1 + 1 + 10), "limit": 25_000}


async def test_what_costs_too_much_is_refused_before_any_store_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_GATEWAY_MAX_COST", "100")
    monkeypatch.setenv("OMS_POSTGRES_PORT", "1")
    async with running(app(), until_ready=False) as http:
        fits, over = await asked(http, PAGE, n=8), await asked(http, PAGE, n=9)

    assert fits[:2] == (503, ["UNAVAILABLE"])
    assert over[:2] == (400, ["TOO_COMPLEX"])
    assert over[2]["errors"][0]["extensions"]["cost"] == {"requested": 109, "limit": 100}


@pytest.mark.parametrize(
    ("variable", "most", "query"),
    [
        ("OMS_GATEWAY_MAX_DEPTH", "2", "{ orders { edges { node { id } } } }"),
        ("OMS_GATEWAY_MAX_ALIASES", "1", "{ a: __typename b: __typename }"),
        ("OMS_GATEWAY_MAX_TOKENS", "4", "{ a: __typename }"),
        ("OMS_GATEWAY_INTROSPECTION", "off", "{ __schema { queryType { name } } }"),
    ],
)
async def test_each_limit_is_a_setting(monkeypatch: pytest.MonkeyPatch, variable: str, most: str, query: str) -> None:
    async with running(app()) as http:
        usual = await asked(http, query)
    monkeypatch.setenv(variable, most)
    async with running(app()) as http:
        limited = await asked(http, query)

    assert usual[:2] == (200, [])
    assert (limited[0], limited[1][0]) == (400, "INTROSPECTION_DISABLED" if most == "off" else "TOO_COMPLEX")


async def in_pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 1000):
        yield body[start : start + 1000]


@pytest.mark.parametrize("tells_its_length", [True, False])
async def test_a_body_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch, tells_its_length: bool) -> None:
    monkeypatch.setenv("OMS_GATEWAY_MAX_BODY_BYTES", "5000")
    fits = b'{"query": "{ __typename }"' + b" " * 4900 + b"}"
    too_long = fits.replace(b" ", b"  ")
    headers = {"Content-Type": "application/json"}
    async with running(app()) as http:
        answers = [
            await http.post("/graphql", content=body if tells_its_length else in_pieces(body), headers=headers)
            for body in (fits, too_long)
        ]

    assert [answer.status_code for answer in answers] == [200, 413]
    assert answers[1].json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_who_asks_too_often_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_RATE_LIMIT", "2/day")
    monkeypatch.setenv("OMS_REDIS_TIMEOUT_S", "2")
    caller = {"X-Client-Id": uuid4().hex}
    async with running(app()) as http:
        answers = [await http.get("/graphql", params={"query": "{__typename}"}, headers=caller) for _ in range(3)]
        another = await http.get("/graphql", params={"query": "{__typename}"}, headers={"X-Client-Id": uuid4().hex})

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert int(answers[2].headers["Retry-After"]) > 0
    assert another.status_code == 200


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("PUT", {"Content-Type": "application/json"}, 405),
        ("DELETE", {}, 405),
        ("OPTIONS", {}, 405),
        ("POST", {"Content-Type": "text/plain"}, 415),
        ("POST", {"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ("POST", {}, 415),
        ("POST", {"Content-Type": "application/json", "Accept": "text/csv"}, 406),
        ("GET", {"Accept": "image/png"}, 406),
    ],
)
async def test_what_is_not_graphql_over_http_is_refused(method: str, headers: dict[str, str], status: int) -> None:
    async with running(app()) as http:
        answer = await http.request(method, "/graphql", content=b'{"query": "{__typename}"}', headers=headers)

    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_by_get_there_are_queries_alone(accept: str) -> None:
    async with running(app()) as http:
        answer = await http.get("/graphql", params={"query": "mutation { x }"}, headers={"Accept": accept})

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


async def test_of_several_operations_the_named_one_runs() -> None:
    two = {"query": "query a { __typename } query b { b: __typename }"}
    async with running(app()) as http:
        named = await http.post("/graphql", json={**two, "operationName": "b"})
        not_named = await http.post("/graphql", json=two, headers=GRAPHQL)

    assert named.json()["data"] == {"b": "Query"}
    assert not_named.status_code == 400
    assert not_named.json()["errors"][0]["extensions"]["code"] == "OPERATION_RESOLUTION_FAILURE"
    assert "data" not in not_named.json()


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"n": None},
        {"n": "1"},
        {"n": 1.5},
        {"n": 10**40},
        {"n": 10**4000},
        {"n": [1]},
        {"n": {"a": [[[[1]]]]}},
        {"n": True},
    ],
)
async def test_variables_that_do_not_fit_are_told(variables: dict[str, Any]) -> None:
    async with running(app()) as http:
        status, codes, body = await asked(http, PAGE, **variables)

    assert (status, codes) == (400, ["BAD_USER_INPUT"])
    assert "data" not in body


OPERATIONS = "query Ids { orders { edges { node { id } } } }\nquery Names { __typename }\n"


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "orders.graphql").write_text(OPERATIONS)
    monkeypatch.setenv("OMS_GATEWAY_LOCKED", str(tmp_path))
    return tmp_path


async def test_locked_only_registered_operations_are_carried_out(register: Path) -> None:
    async with running(app()) as http:
        registered = [
            await http.post("/graphql", json={"query": text, "operationName": name})
            for text in (OPERATIONS, OPERATIONS.strip())
            for name in ("Ids", "Names")
        ]
        others = [await asked(http, text) for text in ("{ __typename }", "{ __schema { types { name } } }")]

    assert [answer.json().get("errors") for answer in registered] == [None] * 4
    assert [other[:2] for other in others] == [(403, ["OPERATION_NOT_REGISTERED"])] * 2


@pytest.mark.parametrize("text", ["{ nothing }", "{", "query a { __typename } query a { __typename }", PAGE * 3])
def test_what_is_registered_and_wrong_is_told_at_the_start(register: Path, text: str) -> None:
    (register / "wrong.graphql").write_text(text)

    with pytest.raises(BadRegister, match=r"wrong\.graphql"):
        app()


async def test_a_manifest_registers_operations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = tmp_path / "manifest.json"
    body = "query Typename { __typename }"
    manifest.write_text(f'{{"format": "apollo-persisted-query-manifest", "operations": [{{"body": "{body}"}}]}}')
    monkeypatch.setenv("OMS_GATEWAY_LOCKED", str(manifest))
    async with running(app()) as http:
        registered, other = await asked(http, body), await asked(http, "{ __typename }")

    assert (registered[0], other[0]) == (200, 403)


@pytest.mark.parametrize("written", ["", "[]", "{}", '{"operations": []}', '{"operations": [{"id": "x"}]}'])
def test_a_manifest_that_is_none_is_told_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    (tmp_path / "manifest.json").write_text(written)
    monkeypatch.setenv("OMS_GATEWAY_LOCKED", str(tmp_path / "manifest.json"))

    with pytest.raises(BadRegister):
        app()
