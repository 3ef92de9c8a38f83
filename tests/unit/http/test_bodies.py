"""Which bodies come through to the routes, asked of the middleware that every service has."""

from __future__ import annotations

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from chassis.http.content.bodies import MAX_BODY_BYTES
from chassis.http.middleware import RequestContext


async def how_long(scope: Scope, receive: Receive, send: Send) -> None:
    length = sum([len(part) async for part in Request(scope, receive).stream()])
    await JSONResponse(length)(scope, receive, send)


async def sent(path: str, media_type: str, body: bytes, method: str = "POST") -> tuple[int, str]:
    """The status, and the body's length as the route saw it or the kind of problem."""
    transport = httpx.ASGITransport(RequestContext(how_long))
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        answer = await client.request(method, path, content=body, headers={"Content-Type": media_type})
    seen = answer.json()
    return answer.status_code, seen["type"].rpartition(":")[2] if isinstance(seen, dict) else str(seen)


@pytest.mark.parametrize(
    "media_type", ["application/x-ndjson", "application/jsonl", "Application/JSONL; charset=utf-8"]
)
async def test_lines_may_be_as_many_as_there_are(media_type: str) -> None:
    lines = b'{"sku": "1"}\n' * MAX_BODY_BYTES

    assert await sent("/products/bulk", media_type, lines) == (200, str(len(lines)))


async def test_lines_are_looked_at_by_who_reads_them() -> None:
    line = b'{"sku": "\xff\0"}\n'

    assert await sent("/products/bulk", "application/x-ndjson", line) == (200, str(len(line)))


@pytest.mark.parametrize("media_type", ["application/json", "text/csv", "application/merge-patch+json", ""])
async def test_in_bulk_there_are_lines_alone(media_type: str) -> None:
    assert await sent("/products/bulk", media_type, b"{}") == (415, "unsupported-media-type")


async def test_lines_go_nowhere_else() -> None:
    assert await sent("/products", "application/x-ndjson", b"{}") == (415, "unsupported-media-type")


async def test_what_a_body_is_does_not_matter_where_there_is_no_such_method() -> None:
    assert await sent("/products/bulk", "application/x-ndjson", b"{}", method="PATCH") == (200, "2")


async def test_any_other_body_has_an_end() -> None:
    assert await sent("/products", "application/json", b" " * MAX_BODY_BYTES) == (200, str(MAX_BODY_BYTES))
    assert await sent("/products", "application/json", b" " * (MAX_BODY_BYTES + 1)) == (413, "body-too-large")
