"""What happens around every HTTP request: its id, its line in the log, refusals of bodies, bugs."""

from __future__ import annotations

import re
from time import perf_counter
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import bodies
from chassis.logs import logger
from chassis.problem_answers import response
from chassis.problems import Problem

log = logger(__name__)

REQUEST_ID = "X-Request-Id"
_AN_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)
_QUIET_PATHS = ("/health/", "/metrics")


class RequestContext:
    """ASGI middleware: takes or makes the request id, binds it to every log line, answers it, and logs the request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        if is_head:  # as GET, without the body (RFC 9110)
            scope = {**scope, "method": "GET"}
        headers = Headers(scope=scope)
        request_id = headers.get(REQUEST_ID, "")
        if not _AN_ID.fullmatch(request_id):
            request_id = str(uuid4())
        started, status, has_answered = perf_counter(), 500, False

        async def sending(message: Message) -> None:
            nonlocal status, has_answered
            if message["type"] == "http.response.start":
                status, has_answered = message["status"], True
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            elif is_head:
                message = {**message, "body": b""}
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                if refusal := bodies.refusal(scope):
                    await response(refusal, Request(scope))(scope, receive, sending)
                else:
                    taken = receive if bodies.is_bulk(scope) else bodies.limited(receive)
                    await self.app(scope, taken, sending)
            except Exception:
                log.exception("request failed", method=scope["method"], path=scope["path"])
                if has_answered:
                    raise
                bug = Problem(500, "internal-error", f"the request failed; the log says why, at {request_id}")
                await response(bug, Request(scope))(scope, receive, sending)
            finally:
                if not scope["path"].startswith(_QUIET_PATHS):
                    spent_ms = round((perf_counter() - started) * 1000, 1)
                    log.info("request", method=scope["method"], path=scope["path"], status=status, duration_ms=spent_ms)
