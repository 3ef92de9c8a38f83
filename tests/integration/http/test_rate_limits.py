"""The limit of each caller, on a real Redis, in front of the customers service."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from chassis.http import rate_limits
from customers.api import app
from tests.support.apps import running
from tests.support.eventually import eventually
from tests.support.system.freezing import frozen

DAY_S = 86_400
SAYS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy")


@asynccontextmanager
async def customers(caller: str) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app()) as client:
        client.headers["X-Client-Id"] = caller
        yield client


@pytest.fixture
def caller() -> str:
    return uuid4().hex


@pytest.fixture(autouse=True)
def _three_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_RATE_LIMIT", "3/day")
    monkeypatch.setenv("OMS_REDIS_TIMEOUT_S", "2")  # a machine that is busy with tests is no Redis that is away


@pytest.fixture
def is_looked_for_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "PROBE_EVERY_S", 0.2)


def a_person(email: str) -> dict[str, Any]:
    return {"name": "Ana", "lastName": "Trujillo", "email": email}


def stand_still(wait_s: float) -> None:
    """The whole process, its event loop included."""
    time.sleep(wait_s)


def metric(name: str) -> float:
    value = REGISTRY.get_sample_value(name)
    assert value is not None
    return value


async def test_every_answer_says_what_the_caller_has_left(caller):
    async with customers(caller) as client:
        answers = [
            await client.post("/customers", json=a_person(f"{caller}@example.com")),
            await client.get("/nothing-is-here"),
            await client.post("/customers", content="<name>Ana</name>"),
        ]

    assert [answer.status_code for answer in answers] == [201, 404, 415]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0"]
    for answer in answers:
        assert answer.headers["RateLimit-Limit"] == "3"
        assert answer.headers["RateLimit-Policy"] == f"3;w={DAY_S}"
        assert 0 < int(answer.headers["RateLimit-Reset"]) <= DAY_S


async def test_who_asks_too_often_is_refused_and_nothing_is_done(caller):
    refused_before = metric("oms_rate_limited_requests_total")
    async with customers(caller) as client:
        for number in range(3):
            await client.post("/customers", json=a_person(f"{caller}-{number}@example.com"))

        refused = await client.post("/customers", json=a_person(f"{caller}-3@example.com"))

        client.headers["X-Client-Id"] = f"{caller}-reader"
        found = await client.get("/customers", params={"email": f"{caller}-3@example.com"})
    assert refused.status_code == 429
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:oms:problem:rate-limited"
    assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"]
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert "X-Request-Id" in refused.headers
    assert found.json()["items"] == []
    assert metric("oms_rate_limited_requests_total") == refused_before + 1


async def test_of_many_requests_at_once_just_as_many_as_allowed_pass(caller, monkeypatch):
    monkeypatch.setenv("OMS_RATE_LIMIT", "20/day")
    async with customers(caller) as client:
        answers = await asyncio.gather(*(client.get("/nothing-is-here") for _ in range(50)))

    passed = [answer for answer in answers if answer.status_code == 404]
    assert sorted(int(answer.headers["RateLimit-Remaining"]) for answer in passed) == list(range(20))
    assert [answer.status_code for answer in answers if answer not in passed] == [429] * 30


async def test_who_has_much_left_is_not_let_pass_more_often_in_the_end(caller, monkeypatch):
    monkeypatch.setenv("OMS_RATE_LIMIT", "1500/day")
    async with customers(caller) as client:
        answers = [await client.get("/nothing-is-here")]
        answers += await asyncio.gather(*(client.get("/nothing-is-here") for _ in range(1599)))

    passed = [answer for answer in answers if answer.status_code == 404]
    assert sorted(int(answer.headers["RateLimit-Remaining"]) for answer in passed) == list(range(1500))
    assert [answer.status_code for answer in answers if answer not in passed] == [429] * 100


async def test_what_one_process_has_let_pass_is_soon_known_to_the_others(caller, monkeypatch):
    monkeypatch.setenv("OMS_RATE_LIMIT", "5000/day")
    async with customers(caller) as one, customers(caller) as other:
        for _ in range(10):
            await one.get("/nothing-is-here")

        asked_here = 0

        async def has_counted_them() -> None:
            nonlocal asked_here
            answer = await other.get("/nothing-is-here")
            asked_here += 1
            assert int(answer.headers["RateLimit-Remaining"]) == 5000 - 10 - asked_here

        await eventually(has_counted_them)


async def test_a_caller_has_one_limit_whichever_process_is_asked(caller):
    async with customers(caller) as one, customers(caller) as other:
        left = [(await each.get("/nothing-is-here")).headers["RateLimit-Remaining"] for each in (one, other, one)]

    assert left == ["2", "1", "0"]


async def test_one_caller_does_not_use_up_what_another_has(caller):
    async with customers(caller) as client:
        for _ in range(4):
            await client.get("/nothing-is-here")
        client.headers["X-Client-Id"] = f"{caller}-other"

        answer = await client.get("/nothing-is-here")

    assert answer.headers["RateLimit-Remaining"] == "2"


async def test_health_and_metrics_are_for_everybody_always(caller):
    async with customers(caller) as client:
        for path in ("/health/live", "/health/ready", "/metrics"):
            answers = [await client.get(path) for _ in range(5)]

            assert {answer.status_code for answer in answers} == {200}
            assert not any(header in answer.headers for answer in answers for header in SAYS)


@pytest.mark.parametrize("limit", ["off", ""])
async def test_limits_can_be_switched_off(caller, monkeypatch, limit):
    monkeypatch.setenv("OMS_RATE_LIMIT", limit)
    async with customers(caller) as client:
        answers = [await client.get("/nothing-is-here") for _ in range(5)]

    assert {answer.status_code for answer in answers} == {404}
    assert not any(header in answer.headers for answer in answers for header in SAYS)


async def test_while_redis_stands_still_nobody_is_limited(servers, caller, is_looked_for_often):
    with capture_logs() as logs:
        async with customers(caller) as client:
            first = await client.get("/nothing-is-here")
            with frozen(servers, "redis"):
                meanwhile = [
                    *await asyncio.gather(*(client.get("/nothing-is-here") for _ in range(20))),
                    await client.get("/nothing-is-here"),
                    await client.get("/health/ready"),
                ]
                in_force_meanwhile = metric("oms_rate_limits_in_force")

            async def are_counted_again() -> httpx.Response:
                answer = await client.get("/nothing-is-here")
                assert "RateLimit-Remaining" in answer.headers
                return answer

            await eventually(are_counted_again)
            in_force_again = metric("oms_rate_limits_in_force")
            client.headers["X-Client-Id"] = f"{caller}-other"
            left = [(await client.get("/nothing-is-here")).headers["RateLimit-Remaining"] for _ in range(3)]

    assert first.headers["RateLimit-Remaining"] == "2"
    assert [answer.status_code for answer in meanwhile] == [404] * 21 + [200]
    assert not any(header in answer.headers for answer in meanwhile for header in SAYS)
    assert (in_force_meanwhile, in_force_again) == (0, 1)
    assert left == ["2", "1", "0"]
    said = [line["event"] for line in logs if line["event"].startswith("rate limits")]
    assert said == ["rate limits off: Redis unavailable", "rate limits on"]


async def test_a_process_that_stood_still_itself_does_not_take_redis_for_away(caller, monkeypatch):
    monkeypatch.setenv("OMS_RATE_LIMIT", "100/day")
    monkeypatch.setenv("OMS_REDIS_TIMEOUT_S", "0.5")
    answers = []
    async with customers(caller) as client:
        for steps in range(12):  # as far as asking has come when the process stops
            asking = asyncio.create_task(client.get("/nothing-is-here"))
            for _ in range(steps):
                await asyncio.sleep(0)
            stand_still(0.6)
            answers.append(await asking)

    assert [answer.headers.get("RateLimit-Remaining") for answer in answers] == [str(99 - n) for n in range(12)]


async def test_without_a_redis_the_service_starts_and_serves(caller, monkeypatch):
    monkeypatch.setenv("OMS_REDIS_PORT", "1")
    async with customers(caller) as client:
        answer = await client.post("/customers", json=a_person(f"{caller}@example.com"))

    assert answer.status_code == 201
    assert "RateLimit-Limit" not in answer.headers


async def test_with_a_wrong_password_it_serves_and_says_why(caller, monkeypatch):
    monkeypatch.setenv("OMS_REDIS_PASSWORD", "not-it")
    with capture_logs() as logs:
        async with customers(caller) as client:
            answer = await client.get("/nothing-is-here")

    assert answer.status_code == 404
    [told] = [line for line in logs if line["event"].startswith("rate limits off")]
    assert "AuthenticationError" in told["reason"]
