"""Large responses are compressed for clients that accept it: RFC 9110, 12.5.3."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.operations.execution import Executor
from gateway.requests.compression import IN_THREAD_BYTES, LEAST_BYTES
from gateway.requests.request import Request
from gateway.requests.response import Response
from tests.support.gateway.gateway_alone import gateway_alone


@pytest.fixture
async def client(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    async def execute(_: Executor, request: Request) -> Response:
        return Response(b"a" * request.extensions["length"])

    monkeypatch.setattr(Executor, "execute", execute)
    async with gateway_alone(monkeypatch) as http:
        yield http


async def response(
    http: httpx.AsyncClient, length: int, accept_encoding: str | None, accept: str = "application/json"
) -> tuple[str | None, bytes, httpx.Headers]:
    """The coding, the body as it was sent, and the headers."""
    sent = {"query": "{ a }", "extensions": {"length": length}}
    headers = {"Accept": accept} | ({} if accept_encoding is None else {"Accept-Encoding": accept_encoding})
    request = http.build_request("POST", "/graphql", json=sent, headers=headers)
    if accept_encoding is None:
        del request.headers["Accept-Encoding"]
    answer = await http.send(request, stream=True)
    raw = b"".join([part async for part in answer.aiter_raw()])
    return answer.headers.get("Content-Encoding"), raw, answer.headers


@pytest.mark.parametrize(
    ("accept_encoding", "is_compressed"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("gzip, deflate, br, zstd", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("*;q=0", False),
        ("identity", False),
        ("br, deflate", False),
        ("x-gzip2", False),
        ("gzipped", False),
        ("gzip;q=0, br" + ", br" * 100, False),
        ("gzip;q=1" + ", br" * 20, True),
    ],
)
async def test_what_accept_encoding_says_is_done(
    client: httpx.AsyncClient, accept_encoding: str | None, is_compressed: bool
) -> None:
    coding, raw, headers = await response(client, LEAST_BYTES, accept_encoding)

    assert coding == ("gzip" if is_compressed else None)
    assert (gzip.decompress(raw) if is_compressed else raw) == b"a" * LEAST_BYTES
    assert int(headers["Content-Length"]) == len(raw)
    assert headers["Vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize("length", [1, LEAST_BYTES - 1, LEAST_BYTES, IN_THREAD_BYTES])
async def test_small_responses_are_not_compressed(client: httpx.AsyncClient, length: int) -> None:
    coding, raw, _ = await response(client, length, "gzip")

    assert coding == ("gzip" if length >= LEAST_BYTES else None)
    assert (gzip.decompress(raw) if coding else raw) == b"a" * length


async def test_events_are_not_compressed(client: httpx.AsyncClient) -> None:
    coding, raw, _ = await response(client, LEAST_BYTES, "gzip", "text/event-stream")

    assert coding is None
    assert raw.startswith(b"event: next\ndata: ")


async def test_a_response_to_get_is_stored_nowhere(client: httpx.AsyncClient) -> None:
    parameters = {"query": "{ a }", "extensions": '{"length": 2}'}
    page = await client.get("/graphql", headers={"Accept": "text/html"})
    answers = [await client.request(method, "/graphql", params=parameters) for method in ("GET", "HEAD", "PUT")]

    assert {answer.headers.get("Cache-Control") for answer in (page, *answers)} == {"no-store"}
