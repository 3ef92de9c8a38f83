"""A body that is valid JSON, and nested deeper than it can be read."""

from __future__ import annotations

from typing import Any

import httpx
from fastapi import FastAPI

from chassis.http.errors import problem_responses


async def test_a_body_that_is_nested_too_deeply_is_told_so() -> None:
    app = FastAPI()
    problem_responses.install(app)

    @app.post("/")
    async def post(body: dict[str, Any]) -> None: ...

    depth = 100_000
    nested = b'{"a":' + b"[" * depth + b"]" * depth + b"}"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answer = await client.post("/", content=nested, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["detail"]) == (400, "The body is nested too deeply.")
