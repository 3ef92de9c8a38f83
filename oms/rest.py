"""Talking to the REST services: an answer, a refusal with its reason, or a service that is away for the moment."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any, TypeVar

import httpx

from chassis import addresses
from chassis.retrying import attempts
from chassis.settings import seconds

Answer = TypeVar("Answer")

AWAY_S = 60.0
"""How long a service may be away before a command gives up."""

_PASSING = {429, 502, 503, 504}


class Away(Exception):
    """A service does not answer, or says that it cannot at the moment."""


class Refused(Exception):
    """A service said no, and will say it again. `kind` is the end of the problem's type, such as `email-taken`."""

    def __init__(self, status: int, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind


class Rest:
    """The services by their names. Every call raises Away or Refused."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def post(self, service: str, path: str, body: dict[str, Any], key: str | None = None) -> httpx.Response:
        """POST a JSON body, with an Idempotency-Key if there is one."""
        return await self._answer(service, "POST", path, json=body, headers={"Idempotency-Key": key} if key else {})

    async def get(self, service: str, path: str, **parameters: str | int | None) -> httpx.Response:
        """GET with query parameters; those that are None are left out."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return await self._answer(service, "GET", path, params=given)

    async def _answer(self, service: str, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            response = await self._client.request(method, addresses.url(service) + path, **more)
        except httpx.TransportError as error:
            raise Away(f"{service} does not answer at {addresses.url(service)} ({_reason(error)})") from error
        if response.status_code in _PASSING:
            raise Away(f"{service} cannot serve at the moment: {refusal(response)}")
        if response.is_error:
            raise refusal(response)
        return response


@asynccontextmanager
async def rest() -> AsyncIterator[Rest]:
    """The services, for as long as the block runs."""
    async with httpx.AsyncClient(timeout=seconds("OMS_REST_TIMEOUT_S", 30)) as client:
        yield Rest(client)


def refusal(response: httpx.Response) -> Refused:
    """The problem (RFC 9457) in an answer, with all its places; an answer that has none says its status."""
    try:
        problem = response.json()
        faults = [
            f"{each.get('pointer') or each.get('parameter')} {each['detail']}" for each in problem.get("errors", [])
        ]
        detail = "; ".join([problem["detail"], *faults])
        return Refused(response.status_code, problem["type"].rpartition(":")[2], detail)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Refused(response.status_code, "", f"{response.status_code} {response.reason_phrase}")


async def patiently(
    action: Callable[[], Awaitable[Answer]],
    passes: Callable[[Exception], bool] = lambda error: isinstance(error, Away),
    most_s: float = AWAY_S,
) -> Answer:
    """What `action` returns, called again while it raises what passes, for `most_s` seconds at most.

    A call whose answer was lost may have been done, so `action` must be safe to repeat.
    """
    gives_up_at = monotonic() + most_s
    async for _ in attempts(most_s=2.0):
        try:
            return await action()
        except Exception as error:
            if not passes(error) or monotonic() >= gives_up_at:
                raise
    raise AssertionError("attempts never end")


def _reason(error: httpx.TransportError) -> str:
    return str(error) or type(error).__name__
