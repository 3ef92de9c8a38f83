"""Requests are counted by the names and labels of prometheus-fastapi-instrumentator."""

from __future__ import annotations

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Response
from prometheus_client import REGISTRY, Gauge
from pydantic import BaseModel

from chassis.http import metrics
from chassis.http.app import service
from chassis.http.routing import direct


class Thing(BaseModel):
    status: int


async def make(new: Thing) -> Response:
    return Response(b"12345", new.status)


async def get_one(name: str) -> str:
    return name


async def _nothing() -> None:
    pass


@pytest.fixture
def app() -> FastAPI:
    made = service("orders", "Makes things.", checks={}, prepare=_nothing, close=_nothing)
    router, others = APIRouter(), APIRouter()
    router.post("/things")(make)
    others.get("/things/{name}")(get_one)
    direct.include(made, router)
    made.include_router(others)
    return made


CASES = {
    "direct": ("POST", "/things", b'{"status": 201}', "2xx", "/things"),
    "direct, refused": ("POST", "/things", b'{"status": 409}', "4xx", "/things"),
    "invalid": ("POST", "/things", b"{}", "4xx", "/things"),
    "another method": ("PUT", "/things", b"{}", "4xx", "/things"),
    "a path with a name": ("GET", "/things/a", b"", "2xx", "/things/{name}"),
    "HEAD": ("HEAD", "/things/a", b"", "2xx", "/things/{name}"),
    "an unknown path": ("GET", "/unknown", b"", "4xx", "none"),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_request_is_counted_by_its_route(app: FastAPI, name: str) -> None:
    method, path, content, status, handler = CASES[name]
    counts = {
        "http_requests_total": {"method": method, "status": status, "handler": handler},
        "http_request_size_bytes_count": {"handler": handler},
        "http_request_size_bytes_sum": {"handler": handler},
        "http_response_size_bytes_sum": {"handler": handler},
        "http_request_duration_seconds_count": {"method": method, "handler": handler},
        "http_request_duration_highr_seconds_count": {},
    }

    def values() -> dict[str, float]:
        return {each: REGISTRY.get_sample_value(each, labels) or 0.0 for each, labels in counts.items()}

    before = values()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as http:
        headers = {"Content-Type": "application/json"} if content else {}
        answer = await http.request(method, path, content=content, headers=headers)
    spent = {each: value - before[each] for each, value in values().items()}

    assert spent == {
        "http_requests_total": 1,
        "http_request_size_bytes_count": 1,
        "http_request_size_bytes_sum": len(content),
        "http_response_size_bytes_sum": int(answer.headers.get("Content-Length", "0")),
        "http_request_duration_seconds_count": 1,
        "http_request_duration_highr_seconds_count": 1,
    }


@pytest.mark.parametrize("path", ["/health/live", "/metrics"])
async def test_scrapes_and_checks_are_not_counted(app: FastAPI, path: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as http:
        await http.get(path)
        shown = (await http.get("/metrics")).text

    assert f'handler="{path}"' not in shown


async def test_a_computed_gauge_has_its_value_at_the_time_of_the_scrape(app: FastAPI) -> None:
    gauge, values = Gauge("oms_test_age_seconds", "Computed"), iter([1.0, 2.0])
    metrics.compute(gauge, lambda: next(values, 3.0))

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as http:
        pages = [(await http.get("/metrics")).text for _ in range(2)]

    assert "oms_test_age_seconds 1.0\n" in pages[0]
    assert "oms_test_age_seconds 2.0\n" in pages[1]
