"""What happens around every HTTP request: its id, its line in the log, limits, refusals of bodies, bugs."""

from __future__ import annotations

import re
from random import getrandbits
from time import perf_counter

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import bodies
from chassis.callers import caller
from chassis.logs import logger
from chassis.problem_answers import response
from chassis.problems import Problem
from chassis.rate_limits import Allowance, RateLimits

log = logger(__name__)

REQUEST_ID = "X-Request-Id"
_AN_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)
_QUIET_PATHS = ("/health/", "/metrics")


class RequestContext:
    """ASGI middleware: takes or makes the request id, binds it to every log line, answers it, and logs the request.

    With `limits`, whoever has asked too often is refused here, and every answer says what the caller has left.
    """

    def __init__(self, app: ASGIApp, limits: RateLimits | None = None) -> None:
        self.app = app
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        if is_head:  # as GET, without the body (RFC 9110)
            scope = {**scope, "method": "GET"}
        own_id = request_id(Headers(scope=scope).get(REQUEST_ID, ""))
        started, status, has_answered = perf_counter(), 500, False
        is_quiet = scope["path"].startswith(_QUIET_PATHS)
        allowance: Allowance | None = None

        async def sending(message: Message) -> None:
            nonlocal status, has_answered
            if message["type"] == "http.response.start":
                status, has_answered = message["status"], True
                answered = MutableHeaders(scope=message)
                answered[REQUEST_ID] = own_id
                if allowance is not None:
                    answered.raw.extend(allowance.headers)
            elif is_head:
                message = {**message, "body": b""}
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=own_id):
            try:
                if self.limits is not None and not is_quiet:
                    allowance = await self.limits.spend(caller(HTTPConnection(scope)))
                if refusal := (allowance and allowance.refusal()) or bodies.refusal(scope):
                    await response(refusal, Request(scope))(scope, receive, sending)
                else:
                    await self.app(scope, bodies.taken(scope, receive), sending)
            except Exception:
                log.exception("request failed", method=scope["method"], path=scope["path"])
                if has_answered:
                    raise
                bug = Problem(500, "internal-error", f"the request failed; the log says why, at {own_id}")
                await response(bug, Request(scope))(scope, receive, sending)
            finally:
                if not is_quiet:
                    spent_ms = round((perf_counter() - started) * 1000, 1)
                    log.info("request", method=scope["method"], path=scope["path"], status=status, duration_ms=spent_ms)


def request_id(given: str) -> str:
    """The id that the request came with, where that is one; or a new one."""
    return given if given and _AN_ID.fullmatch(given) else f"{getrandbits(128):032x}"
