"""Which query parameters a route takes, asked of an app with the dependency that every service has."""

from __future__ import annotations

from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Query

from chassis.http.errors import problem_responses
from chassis.http.routing.routes import check_query


async def page(limit: Annotated[int, Query(le=100)] = 20) -> int:
    return limit


router = APIRouter()


@router.get("/things")
async def list_things(
    limit: Annotated[int, Depends(page)], sku: Annotated[list[str] | None, Query()] = None, active: bool | None = None
) -> dict[str, Any]:
    return {"limit": limit, "sku": sku, "active": active}


@router.get("/things/first")
async def first_thing() -> str:
    return "first"


@router.get("/things/{name}")
@router.delete("/things/{name}")
async def one_thing(name: str) -> str:
    return name


@router.post("/things")
async def place_thing(quantities: dict[str, int]) -> dict[str, int]:
    return quantities


@pytest.fixture
async def client():
    app = FastAPI(dependencies=[Depends(check_query)])
    problem_responses.install(app)
    app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
        yield client


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(fault.get("parameter", fault.get("pointer")), fault["detail"]) for fault in answer.json()["errors"]]


async def test_parameters_of_the_route_and_of_its_dependencies_are_taken(client: httpx.AsyncClient) -> None:
    answer = await client.get("/things?limit=5&sku=A&sku=B&active=true")

    assert answer.json() == {"limit": 5, "sku": ["A", "B"], "active": True}


async def test_an_unknown_parameter_is_refused_once(client: httpx.AsyncClient) -> None:
    assert faults(await client.get("/things?actve=1&actve=2")) == [("actve", "unknown query parameter")]
    assert faults(await client.get("/things/A-1?x=1")) == [("x", "unknown query parameter")]


async def test_a_parameter_that_is_no_list_is_given_once(client: httpx.AsyncClient) -> None:
    assert faults(await client.get("/things?limit=1&limit=2")) == [("limit", "must be given only once")]


async def test_all_faults_of_a_request_are_told_together(client: httpx.AsyncClient) -> None:
    found = faults(await client.get("/things?actve=1&limit=500"))
    assert [name for name, _ in found] == ["actve", "limit"]

    found = faults(await client.post("/things?dry=1", json={"A": "many"}))
    assert [name for name, _ in found] == ["dry", "#/A"]


async def test_a_fixed_path_is_no_id(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/things/first")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert (await client.get("/things/first")).json() == "first"
    assert (await client.delete("/things/A-1")).json() == "A-1"
