"""What a path is, sent byte for byte to an app behind the real protocol, and to every service and the gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
from fastapi import Request
from hypothesis import assume, given
from hypothesis import strategies as st

from chassis.http.app import service
from chassis.http.routing.paths import MAX_PATH_BYTES, decoded, normalized, url_path
from tests.support.exchange import Answer, Send, on_a_socket
from tests.support.unready_apps import unready_app

SERVICES = ("customers", "products", "orders", "gateway")


async def nothing() -> None:
    """Neither prepares nor closes anything."""


@pytest.fixture
async def send() -> AsyncIterator[Send]:
    app = service("things", "", checks={}, prepare=nothing, close=nothing)

    @app.post("/things/bulk")
    async def bulk() -> str:
        return "bulk"

    @app.api_route("/things/{name}", methods=["GET", "POST"])
    async def thing(name: str, request: Request) -> list[str]:
        return [name, request.scope["path"]]

    @app.get("/things/{name}/parts/{part}")
    async def part(name: str, part: str) -> list[str]:
        return [name, part]

    async with on_a_socket(app) as sending:
        yield sending


async def seen(send: Send, target: str, method: str = "GET") -> object:
    answer = await send(method, target, {"Content-Type": "application/json"} if method == "POST" else {})
    return answer.body.decode() if answer.status == 200 else (answer.status, answer.problem)


@pytest.mark.parametrize(
    ("segment", "name"),
    [
        ("A%2FB", "A/B"),
        ("A%2fB", "A/B"),
        ("A+B", "A+B"),
        ("A%2BB", "A+B"),
        ("A%20B", "A B"),
        ("A;v=1", "A;v=1"),
        ("%C3%84%c3%9f", "Äß"),
        ("%2525", "%25"),
        ("A%3FB%23", "A?B#"),
        ("...", "..."),
        ("%F0%9F%A5%9F", "🥟"),
    ],
)
async def test_a_segment_is_decoded_once_and_by_itself(send: Send, segment: str, name: str) -> None:
    assert await seen(send, f"/things/{segment}") == f'["{name}","{url_path("things", name)}"]'
    assert await seen(send, f"/things/{segment}/parts/{segment}") == f'["{name}","{name}"]'


async def test_what_names_a_resource_is_no_separator(send: Send) -> None:
    assert await seen(send, "/things/bulk", "POST") == '"bulk"'
    assert await seen(send, "/things/%62ulk", "POST") == '"bulk"'
    assert await seen(send, "/things%2Fbulk", "POST") == (404, "not-found")
    assert await seen(send, "/things/A%2Fparts%2FB") == '["A/parts/B","/things/A%2Fparts%2FB"]'


NO_RESOURCE = [
    "//things/A",
    "/things//A",
    "/things/A/",
    "/things/",
    "/things/..",
    "/things/%2e%2E",
    "/things/./A",
    "/%2E",
    "/things/../things/A",
    "/nothing",
    "/things;v=1",
    "/things%2FA",
    "/docs/",
    "/health/live/",
    "/health%2Flive",
]
MALFORMED = [
    "/things/%",
    "/things/%2",
    "/things/%zz",
    "/things/%ff",
    "/things/%C3",
    "/things/%ED%A0%80",
    "/things/%00",
    "/things/A%0D%0AX",
    "/%7F",
    "/things/%C2%85",
]


@pytest.mark.parametrize("of", SERVICES)
async def test_every_service_refuses_the_same_paths(of: str) -> None:
    async with on_a_socket(unready_app(of)) as send:
        for target in NO_RESOURCE:
            assert (target, await seen(send, target)) == (target, (404, "not-found"))
        for target in MALFORMED:
            assert (target, await seen(send, target)) == (target, (400, "bad-request"))
        for query in ("%", "x=%2", "x=%zz", "x=%ff", "x=%C3", "%ED%A0%80=1"):
            assert (query, await seen(send, f"/things?{query}")) == (query, (400, "bad-request"))
        long = "/" + "a" * MAX_PATH_BYTES
        assert await seen(send, long) == (414, "uri-too-long")
        assert await seen(send, long[:-1]) == (404, "not-found")


@pytest.mark.parametrize("of", SERVICES)
async def test_a_request_has_one_host(of: str) -> None:
    async with on_a_socket(unready_app(of)) as send:
        answers = [
            await send("GET", "/health/live", {"Host": None}),
            await send("GET", "/health/live", {"Host": "a\r\nHost: a"}),
            await send("GET", "/health/live", {"Host": None}, version="1.0"),
        ]

    assert [(each.status, each.problem) for each in answers] == [(400, "bad-request"), (400, "bad-request"), (200, "")]


@pytest.mark.parametrize("of", SERVICES)
@pytest.mark.parametrize("target", ["/customers/", "/docs/", "//evil.example/", "/evil.example/..", "/graphql/", "/"])
async def test_no_answer_leads_to_the_host_of_the_request(of: str, target: str) -> None:
    async with on_a_socket(unready_app(of)) as send:
        answer: Answer = await send("GET", target, {"Host": "evil.example", "X-Forwarded-Host": "evil.example"})

    assert answer.headers.get("location", "/graphql") == "/graphql"
    assert "evil" not in answer.headers.get("link", "")


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1))
def test_a_path_that_is_written_is_read_as_it_was(segments: list[str]) -> None:
    path = url_path(*segments)

    assume(not {".", ".."} & set(segments))
    assert [decoded(each) for each in path[1:].split("/")] == segments
    assert normalized({"raw_path": path.encode()}) == path
    assert normalized({"raw_path": path.replace("%2F", "%2f").encode()}) == path
    assert quote(path, safe="/%!$&'()*+,;=:@") == path
