"""A client of the REST services: JSON requests, and streams of JSON lines."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson

from chassis import addresses
from chassis.settings import seconds
from oms.company.errors import UNKNOWN_PROCESS, RequestRefused, ServiceUnavailable, refusal_of_response
from oms.company.retries import ProgressTimeout
from oms.terminal import reason

JSON_LINES = "application/x-ndjson"
MERGE_PATCH = "application/merge-patch+json"

_TEMPORARY = {429, 502, 503, 504}


class Rest:
    """The services by name. Every call raises ServiceUnavailable or RequestRefused."""

    def __init__(self, client: httpx.AsyncClient, timeout: ProgressTimeout | None = None) -> None:
        self._client = client
        self.timeout = timeout or ProgressTimeout()

    async def post(
        self, service: str, path: str, body: dict[str, Any], key: str | None = None, token: str | None = None
    ) -> httpx.Response:
        """POST a JSON body, with an Idempotency-Key and the Consistency-Token of an earlier write where given."""
        headers = {"Idempotency-Key": key, "Consistency-Token": token}
        given = {name: value for name, value in headers.items() if value is not None}
        return await self._answer(service, "POST", path, json=body, headers=given)

    async def patch(self, service: str, path: str, body: dict[str, Any], etag: str) -> httpx.Response:
        """PATCH (a merge patch) the version that has this ETag."""
        headers = {"If-Match": etag, "Content-Type": MERGE_PATCH}
        return await self._answer(service, "PATCH", path, content=orjson.dumps(body), headers=headers)

    async def get(self, service: str, path: str, **parameters: str | int | None) -> httpx.Response:
        """GET with query parameters; None is not sent."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return await self._answer(service, "GET", path, params=given)

    async def post_lines(
        self, service: str, path: str, bodies: Sequence[dict[str, Any] | bytes]
    ) -> AsyncGenerator[Any]:
        """POST bodies (or encoded lines) as JSON lines; yields the lines of the response as they arrive."""
        content = b"".join(
            body + b"\n" if isinstance(body, bytes) else orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE)
            for body in bodies
        )
        headers = {"Content-Type": JSON_LINES}
        async for line in self._lines(service, "POST", path, content=content, headers=headers):
            yield line

    async def get_lines(self, service: str, path: str, **parameters: str | None) -> AsyncGenerator[Any]:
        """GET a response of JSON lines; yields them as they arrive."""
        given = {name: value for name, value in parameters.items() if value is not None}
        async for line in self._lines(service, "GET", path, params=given):
            yield line

    async def _lines(self, service: str, method: str, path: str, **more: Any) -> AsyncGenerator[Any]:
        try:
            async with self._client.stream(method, _url(service) + path, **more) as response:
                if not response.is_success:
                    await response.aread()
                    _check(service, response)
                async for line in _split(response.aiter_bytes()):
                    yield orjson.loads(line)
        except httpx.TransportError as error:
            raise _unavailable(service, error) from error

    async def _answer(self, service: str, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            response = await self._client.request(method, _url(service) + path, **more)
        except httpx.TransportError as error:
            raise _unavailable(service, error) from error
        _check(service, response)
        return response


@asynccontextmanager
async def rest(timeout: ProgressTimeout | None = None) -> AsyncIterator[Rest]:
    """A client for the services, open while the block runs."""
    async with httpx.AsyncClient(timeout=seconds("OMS_REST_TIMEOUT_S", 30)) as client:
        yield Rest(client, timeout)


async def _split(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The lines of a stream. httpx also splits at U+2028 and the like, which JSON texts may contain unescaped."""
    torn = b""
    async for part in parts:
        *lines, torn = (torn + part).split(b"\n")
        for line in lines:
            if line:
                yield line
    if torn:
        yield torn


def _url(service: str) -> str:
    try:
        return addresses.url(service)
    except KeyError:
        detail = f"the port of {service} is not known here; set OMS_{service.upper()}_PORT"
        raise RequestRefused(404, UNKNOWN_PROCESS, detail) from None


def _check(service: str, response: httpx.Response) -> None:
    if response.status_code in _TEMPORARY:
        raise ServiceUnavailable(f"{service} is unavailable: {refusal_of_response(response)}")
    if response.is_error:
        raise refusal_of_response(response)


def _unavailable(service: str, error: httpx.TransportError) -> ServiceUnavailable:
    return ServiceUnavailable(f"{service} does not answer at {addresses.url(service)} ({reason(error)})")
