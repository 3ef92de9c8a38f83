"""Talking to the REST services: an answer, a refusal with its reason, or a service that is away for the moment."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any, TypeVar

import httpx
import orjson

from chassis import addresses
from chassis.retrying import attempts
from chassis.settings import seconds

Answer = TypeVar("Answer")

AWAY_S = 60.0
"""How long a service may be away before a command gives up; an import and an export have `OMS_IMPORT_TIMEOUT_S`."""

JSON_LINES = "application/x-ndjson"

_PASSING = {429, 502, 503, 504}


class Away(Exception):
    """A service does not answer, or says that it cannot at the moment."""


class Refused(Exception):
    """A service said no, and will say it again.

    `kind` is the end of the problem's type, such as `email-taken`; `faults` are the places and what is wrong there.
    """

    def __init__(self, status: int, kind: str, detail: str, faults: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__("; ".join([detail, *(" ".join(fault) for fault in faults)]))
        self.status = status
        self.kind = kind
        self.detail = detail
        self.faults = faults


def is_on_its_way(error: object) -> bool:
    """Whether a line was refused for something that `orders` has not heard of yet: it is to be sent again."""
    return isinstance(error, Refused) and error.kind == "reference-not-yet-known"


class Patience:
    """Waits for what passes, until nothing has gone on for `most_s` seconds. `on_wait` hears why, and None after it."""

    def __init__(self, most_s: float = AWAY_S, on_wait: Callable[[str | None], None] = lambda _: None) -> None:
        self._most_s = most_s
        self._on_wait = on_wait
        self._waits_since: float | None = None

    def went_on(self) -> None:
        """Something was done: whoever waits may wait as long again."""
        if self._waits_since is not None:
            self._waits_since = None
            self._on_wait(None)

    def waits(self, error: Exception) -> None:
        """Something was not done, for now. Raises `error` when that has been so for too long."""
        now = monotonic()
        self._waits_since = self._waits_since or now
        if now - self._waits_since >= self._most_s:
            raise error
        self._on_wait(str(error))

    async def until_done(self, action: Callable[[], Awaitable[Answer]], passes: Callable[[Exception], bool]) -> Answer:
        """What `action` returns, called again while it raises what passes. It must be safe to repeat."""
        async for _ in attempts(most_s=2.0):
            try:
                answer = await action()
            except Exception as error:
                if not passes(error):
                    raise
                self.waits(error)
            else:
                self.went_on()
                return answer
        raise AssertionError("attempts never end")


class Rest:
    """The services by their names. Every call raises Away or Refused."""

    def __init__(self, client: httpx.AsyncClient, patience: Patience | None = None) -> None:
        self._client = client
        self.patience = patience or Patience()

    async def post(
        self, service: str, path: str, body: dict[str, Any], key: str | None = None, token: str | None = None
    ) -> httpx.Response:
        """POST a JSON body, with an Idempotency-Key and the Consistency-Token of an earlier write where there are."""
        headers = {"Idempotency-Key": key, "Consistency-Token": token}
        given = {name: value for name, value in headers.items() if value is not None}
        return await self._answer(service, "POST", path, json=body, headers=given)

    async def get(self, service: str, path: str, **parameters: str | int | None) -> httpx.Response:
        """GET with query parameters; those that are None are left out."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return await self._answer(service, "GET", path, params=given)

    async def post_lines(
        self, service: str, path: str, bodies: Sequence[dict[str, Any] | bytes]
    ) -> AsyncGenerator[Any]:
        """POST bodies, or lines as they are, as JSON lines; the lines of the answer as they come."""
        content = b"".join(
            body + b"\n" if isinstance(body, bytes) else orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE)
            for body in bodies
        )
        headers = {"Content-Type": JSON_LINES}
        async for line in self._lines(service, "POST", path, content=content, headers=headers):
            yield line

    async def get_lines(self, service: str, path: str, **parameters: str | None) -> AsyncGenerator[Any]:
        """GET an answer of JSON lines, as they come."""
        given = {name: value for name, value in parameters.items() if value is not None}
        async for line in self._lines(service, "GET", path, params=given):
            yield line

    async def _lines(self, service: str, method: str, path: str, **more: Any) -> AsyncGenerator[Any]:
        try:
            async with self._client.stream(method, addresses.url(service) + path, **more) as response:
                if not response.is_success:
                    await response.aread()
                    _check(service, response)
                async for line in _split(response.aiter_bytes()):
                    yield orjson.loads(line)
        except httpx.TransportError as error:
            raise _away(service, error) from error

    async def _answer(self, service: str, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            response = await self._client.request(method, addresses.url(service) + path, **more)
        except httpx.TransportError as error:
            raise _away(service, error) from error
        _check(service, response)
        return response


@asynccontextmanager
async def rest(patience: Patience | None = None) -> AsyncIterator[Rest]:
    """The services, for as long as the block runs."""
    async with httpx.AsyncClient(timeout=seconds("OMS_REST_TIMEOUT_S", 30)) as client:
        yield Rest(client, patience)


def long_patience(on_wait: Callable[[str | None], None]) -> Patience:
    """That of a command that works for long, and would rather wait than be begun again."""
    return Patience(seconds("OMS_IMPORT_TIMEOUT_S", 300), on_wait)


def refusal(response: httpx.Response) -> Refused:
    """The problem (RFC 9457) in an answer, with all its places; an answer that has none says its status."""
    try:
        return refused(response.status_code, response.json())
    except (ValueError, KeyError, TypeError, AttributeError):
        return Refused(response.status_code, "", f"{response.status_code} {response.reason_phrase}")


def refused(status: int, problem: Mapping[str, Any]) -> Refused:
    """A problem as what is raised for it. Raises KeyError and the like when it is none."""
    faults = [
        (str(each.get("pointer") or each.get("parameter")), str(each["detail"])) for each in problem.get("errors", [])
    ]
    return Refused(status, problem["type"].rpartition(":")[2], problem["detail"], faults)


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


async def _split(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The lines of a stream. Those of httpx also end at U+2028 and the like, which stand unescaped in JSON texts."""
    torn = b""
    async for part in parts:
        *lines, torn = (torn + part).split(b"\n")
        for line in lines:
            if line:
                yield line
    if torn:
        yield torn


def _check(service: str, response: httpx.Response) -> None:
    if response.status_code in _PASSING:
        raise Away(f"{service} cannot serve at the moment: {refusal(response)}")
    if response.is_error:
        raise refusal(response)


def _away(service: str, error: httpx.TransportError) -> Away:
    return Away(f"{service} does not answer at {addresses.url(service)} ({str(error) or type(error).__name__})")
