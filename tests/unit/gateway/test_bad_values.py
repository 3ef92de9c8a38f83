"""Values that no argument takes are errors of the client, in words of GraphQL, at every place that takes a value."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from gateway.compiled.plans import Plans
from gateway.compiled.variables import Variables
from gateway.operations.json_messages import shown
from tests.support.gateway.bad_requests import POSITIONS, bodies
from tests.support.gateway.bad_values import LITERALS
from tests.support.gateway.gateway_alone import gateway_alone
from tests.support.gateway.positions import Position
from tests.support.python_words import python_in

CODES = {"BAD_REQUEST", "BAD_USER_INPUT", "TOO_COMPLEX", "UNAVAILABLE"}
"""UNAVAILABLE is the answer where the value is valid: there are no databases."""

HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}
"""A subscription is refused, once its values are checked."""


@pytest.fixture
async def client(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setenv("OMS_POSTGRES_PORT", "1")
    monkeypatch.setenv("OMS_ELASTICSEARCH_PORT", "1")
    monkeypatch.setenv("OMS_GATEWAY_MAX_TOKENS", "2000")
    for timeout in ("OMS_GATEWAY_TIMEOUT_S", "OMS_POSTGRES_TIMEOUT_S", "OMS_ELASTICSEARCH_TIMEOUT_S"):
        monkeypatch.setenv(timeout, "1000")
    async with gateway_alone(monkeypatch) as http:
        yield http


@pytest.mark.parametrize("at", POSITIONS, ids=lambda each: each.name)
async def test_a_bad_value_is_an_error_of_the_client(client: httpx.AsyncClient, at: Position) -> None:
    with capture_logs() as logs:
        for name, body in bodies(at):
            answer = await client.post("/graphql", content=body.encode(), headers=HEADERS)

            errors: list[dict[str, Any]] = answer.json().get("errors", [])
            assert answer.status_code < 500 or answer.status_code == 503, (name, errors)
            assert {error["extensions"]["code"] for error in errors} <= CODES, (name, errors)
            for error in errors:
                assert python_in(without_input(error["message"])) == [], (name, error["message"])

    assert [line for line in logs if line["log_level"] == "error"] == []
    assert [line for line in logs if line["event"] == "operation not compiled"] == []


def without_input(message: str) -> str:
    """A message without what it repeats of the literals."""
    for literal in LITERALS.values():
        message = message.replace(literal[:100], "…") if len(literal) > 5 else message
    return message


async def test_what_the_compiler_fails_on_is_executed(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    before = REGISTRY.get_sample_value("oms_graphql_compile_failures_total") or 0.0
    query = {"query": "query a($sku: String!) { b: product(sku: $sku) { sku } }", "variables": {"sku": "CHAI"}}
    broken: list[tuple[type, str]] = [(Plans, "_compiled"), (Variables, "read")]
    for class_, name in broken:
        monkeypatch.setattr(class_, name, fail)
        with capture_logs() as logs:
            answers = [await client.post("/graphql", json=query) for _ in range(3)]

        assert {answer.json()["errors"][0]["extensions"]["code"] for answer in answers} == {"UNAVAILABLE"}
        assert len([line for line in logs if line["event"] == "operation not compiled"]) <= 1

    assert (REGISTRY.get_sample_value("oms_graphql_compile_failures_total") or 0.0) == before + 6


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        ({"a": [True, None, 'x"']}, '{"a": [true, null, "x\\""]}'),
        ("é" * 200, '"' + "é" * 99 + "…"),
        (10**5000, "a value that is too large"),
    ],
    ids=["null", "object", "long", "huge"],
)
def test_values_in_messages_are_json(value: object, text: str) -> None:
    assert shown(value) == text
