"""Middleware of every HTTP request: its id, path and log line, rate limits, checks of the body, unexpected errors."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import getrandbits, random
from time import perf_counter

import structlog
from prometheus_client import Counter
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.http import caching, clients
from chassis.http.caching import cache_control
from chassis.http.clients import CLIENT_ID
from chassis.http.content import bodies
from chassis.http.errors.problem_responses import response
from chassis.http.errors.problems import Busy, Problem
from chassis.http.rate_limits import Allowance, RateLimits
from chassis.http.routing import paths
from chassis.http.serving import disconnects
from chassis.http.serving.disconnects import ClientGone
from chassis.logs import logger

log = logger(__name__)

REQUEST_ID = "X-Request-Id"
_AN_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)
Admission = Callable[[], Awaitable[None]]
"""Returns when a request may be started. Raises Busy."""

_QUIET_PATHS = ("/health/", "/metrics")

PAUSE_S = 0.5
"""About how long a rejection is delayed under overload. Clients that retry at once would otherwise take CPU time from
requests in progress."""

SHED = Counter(
    "oms_shed_requests_total", "Requests rejected without reading them because too many waited for the database"
)

CLIENT_GONE = 499
"""The status in log and metrics of a request whose client disconnected; it is not sent."""


class HeadSent(Exception):
    """The response to HEAD is complete. Its body, which may be a whole export, is not produced."""


class RequestContext:
    """ASGI middleware: reads or generates the request id, binds it to log lines, returns it, and logs the request.

    With `limits`, clients over their rate limit are rejected here, and every response has the rate limit headers. Each
    request awaits `admission`, which raises Busy, before it is started. `caching` is the Cache-Control of reads.
    """

    def __init__(
        self,
        app: ASGIApp,
        limits: RateLimits | None = None,
        admission: Admission | None = None,
        caching: str = caching.NO_STORE,
    ) -> None:
        self.app = app
        self.limits = limits
        self.admission = admission
        self.caching = caching

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        path, no_resource = _path(scope)
        # HEAD is as GET, without the body (RFC 9110)
        scope = {**scope, "path": path, "method": "GET" if is_head else scope["method"]}
        headers = Headers(scope=scope)
        own_id = request_id(headers.get(REQUEST_ID, ""))
        started, status, has_answered = perf_counter(), 500, False
        is_quiet = scope["path"].startswith(_QUIET_PATHS)
        allowance: Allowance | None = None

        async def sending(message: Message) -> None:
            nonlocal status, has_answered
            if message["type"] == "http.response.start":
                status, has_answered = message["status"], True
                answered = MutableHeaders(scope=message)
                answered[REQUEST_ID] = own_id
                answered.setdefault("Cache-Control", cache_control(scope["method"], status, self.caching))
                if allowance is not None:
                    answered.raw.extend(allowance.headers)
            elif is_head:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                raise HeadSent
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=own_id):
            try:
                disconnects.set_client(scope.get("extensions", {}).get(disconnects.EXTENSION, {}).get("is_gone"))
                disconnects.check()
                name, malformed = (None, None) if is_quiet else _named(headers)
                if self.limits is not None and not is_quiet:
                    address = scope["client"][0] if scope["client"] else ""
                    allowance = await self.limits.spend(clients.rate_limit_key(name, address))
                over_limit = allowance and allowance.refusal()
                if refusal := over_limit or malformed or no_resource or bodies.check_headers(scope):
                    await response(refusal, Request(scope))(scope, receive, sending)
                elif busy := None if is_quiet else await self._busy():
                    await response(busy, Request(scope))(scope, receive, sending)
                else:
                    await self.app(scope, bodies.limited_receive(scope, receive), sending)
            except HeadSent:
                pass
            except (ClientGone, ClientDisconnect):
                if not has_answered:
                    with suppress(HeadSent):
                        await Response(status_code=CLIENT_GONE)(scope, receive, sending)
            except Exception:
                log.exception("request failed", method=scope["method"], path=scope["path"])
                if has_answered:
                    raise
                bug = Problem(500, "internal-error", "Internal error; quote the X-Request-Id to support.")
                with suppress(HeadSent):
                    await response(bug, Request(scope))(scope, receive, sending)
            finally:
                if not is_quiet:
                    spent_ms = round((perf_counter() - started) * 1000, 1)
                    log.info("request", method=scope["method"], path=scope["path"], status=status, duration_ms=spent_ms)

    async def _busy(self) -> Problem | None:
        """Wait for capacity with the body unread: reading and validating it costs as much as the work itself.

        Returns the problem if there is none.
        """
        began = perf_counter()
        try:
            if self.admission is not None:
                await self.admission()
                disconnects.check()
        except Busy as busy:
            SHED.inc()
            await asyncio.sleep(PAUSE_S * (0.5 + random()) - (perf_counter() - began))
            return busy
        return None


def _path(scope: Scope) -> tuple[str, Problem | None]:
    """The normalized path, or the problem of a malformed path or query."""
    try:
        path = paths.normalized(scope)
        paths.check_query_string(scope)
        paths.check_host(scope)
    except Problem as problem:
        return paths.shown(scope), problem
    return path, None


def _named(headers: Headers) -> tuple[str | None, Problem | None]:
    """The client's name, or the problem of a malformed one."""
    try:
        return clients.client_name(headers.getlist(CLIENT_ID)), None
    except Problem as malformed:
        return None, malformed


def request_id(given: str) -> str:
    """The given id if it is valid, else a new one."""
    return given if given and _AN_ID.fullmatch(given) else f"{getrandbits(128):032x}"
