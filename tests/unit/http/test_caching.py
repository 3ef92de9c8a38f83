"""What may be kept of the answers, and what scripts of other origins may read: behind the real protocol."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from chassis.http.app import service
from chassis.http.caching import REVALIDATED
from chassis.http.cors import CrossOrigin, allowed_origins
from chassis.http.errors.problems import Problem, Unavailable
from chassis.openapi.documents import CHECKOUT, SERVICES
from tests.support.exchange import on_a_socket
from tests.support.unready_apps import unready_app

SHOP = "https://shop.example"


PRODUCED: list[int] = []


async def nothing() -> None:
    """Neither prepares nor closes anything."""


def things(caching: str = "no-store") -> FastAPI:
    app = service("things", "", checks={}, prepare=nothing, close=nothing, caching=caching)

    @app.get("/things/{status}")
    async def thing(status: int) -> int:
        if status == 503:
            raise Unavailable("the database")
        if status != 200:
            raise Problem(status, "refused", "No.")
        return status

    @app.get("/endless")
    async def endless() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            while True:
                PRODUCED.append(1)
                yield b"more\n"

        return StreamingResponse(parts(), headers={"ETag": '"1"'})

    @app.post("/things")
    async def post() -> int:
        return 1

    return app


@pytest.mark.parametrize(("caching", "of_reads"), [("no-store", "no-store"), (REVALIDATED, "no-cache")])
async def test_only_successful_reads_may_be_kept_and_only_where_it_is_said(caching: str, of_reads: str) -> None:
    async with on_a_socket(things(caching)) as send:
        found = [await send("GET", "/things/200"), await send("HEAD", "/things/200")]
        others = [await send("GET", f"/things/{status}") for status in (404, 422, 429, 503, 500)]
        others += [await send("POST", "/things"), await send("GET", "/things/x"), await send("GET", "/none")]

    assert [each.headers.getlist("cache-control") for each in found] == [[of_reads]] * 2
    assert [each.headers.getlist("cache-control") for each in others] == [["no-store"]] * len(others)


async def test_head_is_answered_without_producing_the_body() -> None:
    async with on_a_socket(things()) as send:
        answer = await send("HEAD", "/endless")
        await send("GET", "/things/200")

    assert len(PRODUCED) == 1
    assert (answer.status, answer.headers["etag"], answer.body) == (200, '"1"', b"")


@pytest.mark.parametrize("status", [429, 503])
async def test_whoever_may_come_again_is_told_when(status: int) -> None:
    async with on_a_socket(things()) as send:
        answer = await send("GET", f"/things/{status}")

    assert (answer.status, int(answer.headers["retry-after"]) > 0) == (status, True)


@pytest.mark.parametrize("of", [*SERVICES, "gateway"])
async def test_not_being_ready_is_told_with_when_to_come_again(of: str) -> None:
    async with on_a_socket(unready_app(of)) as send:
        answer = await send("GET", "/health/ready")

    assert (answer.status, answer.headers["retry-after"], answer.headers["cache-control"]) == (503, "1", "no-store")


@pytest.mark.parametrize("of", SERVICES)
async def test_documents_may_be_kept_and_are_told_apart_by_their_tag(of: str) -> None:
    async with on_a_socket(unready_app(of)) as send:
        whole = await send("GET", "/openapi.json")
        same = await send("GET", "/openapi.json", {"If-None-Match": whole.headers["etag"]})

    assert json.loads(whole.body) == json.loads((CHECKOUT / of / "openapi.json").read_text())
    assert (same.status, same.body, same.headers["etag"]) == (304, b"", whole.headers["etag"])
    assert {each.headers["cache-control"] for each in (whole, same)} == {"public, max-age=300"}


def test_persons_data_is_never_stored() -> None:
    documents = {of: json.loads((CHECKOUT / of / "openapi.json").read_text()) for of in ("customers", "orders")}
    for document in documents.values():
        for methods in document["paths"].values():
            for operation in methods.values():
                for response in operation["responses"].values():
                    assert "Cache-Control" in response["headers"]


async def test_scripts_of_an_allowed_origin_may_call() -> None:
    async with on_a_socket(CrossOrigin(things(), [SHOP])) as send:
        asked = {"Origin": SHOP, "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "if-match"}
        preflight, answer = (
            await send("OPTIONS", "/things/200", asked),
            await send("GET", "/things/200", {"Origin": SHOP}),
        )

    assert preflight.status == 200
    assert "PATCH" in preflight.headers["access-control-allow-methods"]
    assert preflight.headers["access-control-allow-headers"] == "if-match"
    for each in (preflight, answer):
        assert each.headers["access-control-allow-origin"] == SHOP
        assert "Origin" in each.headers["vary"]
        assert "access-control-allow-credentials" not in each.headers
    assert {"ETag", "Retry-After", "Consistency-Token"} <= set(
        answer.headers["access-control-expose-headers"].split(", ")
    )


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://shop.example.evil", "http://shop.example", ""]
)
async def test_scripts_of_other_origins_get_no_leave(origin: str) -> None:
    async with on_a_socket(CrossOrigin(things(), [SHOP])) as send:
        headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        answers = [await send("OPTIONS", "/things/200", headers), await send("GET", "/things/200", headers)]

    assert [each.status for each in answers] == [204, 200]
    assert [each.headers["vary"] for each in answers] == ["Origin"] * 2
    assert not any(name.startswith("access-control") for each in answers for name in each.headers)


async def test_the_gateway_s_fast_answers_may_be_read_too() -> None:
    body = b'{"query": "{ __typename }"}'
    async with on_a_socket(CrossOrigin(unready_app("gateway"), [SHOP])) as send:
        with_origin = await send("POST", "/graphql", {"Content-Type": "application/json", "Origin": SHOP}, body)
        without = await send("POST", "/graphql", {"Content-Type": "application/json"}, body)

    assert with_origin.headers["access-control-allow-origin"] == SHOP
    assert "access-control-allow-origin" not in without.headers
    assert with_origin.body == without.body


@pytest.mark.parametrize(
    "text", ["shop.example", "https://shop.example/", "ftp://shop.example", "https://a b", "https://*", "[::1]"]
)
def test_what_is_no_origin_is_an_error_at_the_start(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("OMS_CORS_ORIGINS", f"{SHOP},{text}")

    with pytest.raises(ValueError, match="OMS_CORS_ORIGINS"):
        allowed_origins()


def test_no_origin_is_allowed_unless_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMS_CORS_ORIGINS", raising=False)
    assert allowed_origins() == []

    monkeypatch.setenv("OMS_CORS_ORIGINS", f" {SHOP} , http://localhost:3000")
    assert allowed_origins() == [SHOP, "http://localhost:3000"]


@pytest.mark.parametrize("origin", [SHOP, "http://localhost:5173", "http://[::1]:5173", "https://[2001:db8::1]", "*"])
def test_an_origin_may_be_a_name_or_an_address(monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    monkeypatch.setenv("OMS_CORS_ORIGINS", origin)

    assert allowed_origins() == [origin]
