"""Automatic persisted queries, on a real Redis: a query is sent once, and its hash from then on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
from redis.asyncio import Redis

from chassis import settings
from gateway.api import app
from gateway.operations.persisted import KEY, hash_of
from tests.support.apps import running
from tests.support.eventually import eventually
from tests.support.system.freezing import frozen
from tests.support.views.read_model import empty_read_model


@pytest.fixture(autouse=True)
async def _read_model(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setenv("OMS_REDIS_TIMEOUT_S", "2")  # a machine that is busy with tests is no Redis that is away
    async with empty_read_model():
        yield


@pytest.fixture
async def redis(servers: dict[str, str]) -> AsyncIterator[Redis]:
    account = settings.redis("OMS_REDIS_PASSWORD")
    opened = Redis(host=account.host, port=account.port, password=account.password)
    yield opened
    await opened.aclose()


def a_query() -> str:
    return f"{{ a{uuid4().hex}: __typename }}"


def named(query: str, **other: Any) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": hash_of(query), **other}}


async def codes(answer: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in answer.json().get("errors", [])]


async def is_kept(redis: Redis, query: str) -> None:
    assert await redis.get(KEY + hash_of(query)) == query.encode()


async def test_a_query_is_sent_once_and_its_hash_from_then_on(redis: Redis) -> None:
    query = a_query()
    async with running(app()) as http:
        unknown = await http.post("/graphql", json={"extensions": named(query)})
        sent = await http.post("/graphql", json={"query": query, "extensions": named(query)})
        by_hash = await http.post("/graphql", json={"extensions": named(query)})
        by_get = await http.get("/graphql", params={"extensions": orjson.dumps(named(query)).decode()})

    assert await codes(unknown) == ["PERSISTED_QUERY_NOT_FOUND"]
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert sent.json()["data"] == by_hash.json()["data"] == by_get.json()["data"] != None  # noqa: E711


async def test_what_one_gateway_knows_all_know(redis: Redis) -> None:
    query = a_query()
    async with running(app()) as one, running(app()) as other:
        await one.post("/graphql", json={"query": query, "extensions": named(query)})
        await eventually(lambda: is_kept(redis, query))
        answer = await other.post("/graphql", json={"extensions": named(query)})

    assert "data" in answer.json()
    assert 0 < await redis.ttl(KEY + hash_of(query)) <= 86_400


async def test_a_query_that_is_not_valid_is_not_kept(redis: Redis) -> None:
    query = "{ " + uuid4().hex + "x }"
    async with running(app()) as http:
        answers = [
            await http.post("/graphql", json={"query": query, "extensions": named(query)}),
            await http.post("/graphql", json={"extensions": named(query)}),
        ]

    assert [await codes(answer) for answer in answers] == [["BAD_USER_INPUT"], ["PERSISTED_QUERY_NOT_FOUND"]]
    assert await redis.get(KEY + hash_of(query)) is None


async def test_what_is_in_redis_under_another_hash_is_not_taken(redis: Redis) -> None:
    query = a_query()
    await redis.set(KEY + hash_of(query), "{ other: __typename }")
    async with running(app()) as http:
        answer = await http.post("/graphql", json={"extensions": named(query)})

    assert await codes(answer) == ["PERSISTED_QUERY_NOT_FOUND"]


@pytest.mark.parametrize(
    ("extension", "code"),
    [
        (named("{ other: __typename }"), "PERSISTED_QUERY_HASH_MISMATCH"),
        (named("{ __typename }", version=2), "PERSISTED_QUERY_NOT_SUPPORTED"),
        ({"persistedQuery": "x"}, "PERSISTED_QUERY_NOT_SUPPORTED"),
        (named("{ __typename }", sha256Hash="x"), "BAD_REQUEST"),
        (named("{ __typename }", sha256Hash=None), "BAD_REQUEST"),
        (named("{ __typename }", sha256Hash="A" * 64), "BAD_REQUEST"),
    ],
)
async def test_a_hash_that_is_not_the_querys_is_refused(extension: dict[str, Any], code: str) -> None:
    async with running(app()) as http:
        answer = await http.post("/graphql", json={"query": "{ __typename }", "extensions": extension})

    assert await codes(answer) == [code]


async def test_while_redis_stands_still_a_gateway_knows_what_it_has_seen(
    servers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_REDIS_TIMEOUT_S", "0.2")
    known, unknown = a_query(), a_query()
    async with running(app()) as http:
        await http.post("/graphql", json={"query": known, "extensions": named(known)})
        with frozen(servers, "redis"):
            answers = [
                await http.post("/graphql", json={"extensions": named(known)}),
                await http.post("/graphql", json={"extensions": named(unknown)}),
                await http.post("/graphql", json={"query": unknown, "extensions": named(unknown)}),
                await http.post("/graphql", json={"extensions": named(unknown)}),
                await http.post("/graphql", json={"query": "{ __typename }"}),
            ]

    assert [await codes(answer) for answer in answers] == [[], ["PERSISTED_QUERY_NOT_FOUND"], [], [], []]


async def test_locked_a_registered_operation_is_known_by_its_hash_and_no_other_becomes_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered, other = a_query(), a_query()
    (tmp_path / "registered.graphql").write_text(registered)
    monkeypatch.setenv("OMS_GATEWAY_LOCKED", str(tmp_path))
    async with running(app()) as http:
        answers = [
            await http.post("/graphql", json={"extensions": named(registered)}),
            await http.post("/graphql", json={"query": other, "extensions": named(other)}),
            await http.post("/graphql", json={"query": other, "extensions": named(registered)}),
            await http.post("/graphql", json={"extensions": named(other)}),
        ]

    assert [await codes(answer) for answer in answers] == [[], *[["OPERATION_NOT_REGISTERED"]] * 3]
