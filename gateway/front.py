"""The HTTP side of GraphQL: an ASGI app before all else, which answers `/graphql` with as little on the way as can be.

Source: https://graphql.github.io/graphql-over-http/draft/.
"""

from __future__ import annotations

from functools import cache
from time import perf_counter

import structlog
from fastapi import FastAPI
from prometheus_client import Counter, Histogram
from starlette.types import Receive, Scope, Send

from chassis.http import clients
from chassis.http.middleware import request_id
from chassis.http.problems import Problem
from chassis.http.protocol import WHOLE, Whole
from chassis.http.rate_limits import Allowance, RateLimits
from chassis.logs import logger
from gateway.errors import BAD_REQUEST, RATE_LIMITED, Refusal, failed_inside
from gateway.live import sse
from gateway.live.dispatch import Requests
from gateway.live.send_timeout import SEND_WITHIN_S
from gateway.live.websocket import May, Socket
from gateway.operations.validation import Limits
from gateway.requests import negotiation, response
from gateway.requests.body import received
from gateway.requests.request import Asked, read_body, read_query_string
from gateway.requests.response import Answer
from gateway.requests.time_budget import Budget, Budgets, ClientGone

log = logger(__name__)

PATH = "/graphql"

ANSWERED = Counter("oms_graphql_answers_total", "Answers: ok, partial, or the code of what kept it back", ["outcome"])
TOOK = Histogram("oms_graphql_answer_seconds", "From a request's arrival until its answer is sent")


_answered = cache(ANSWERED.labels)


class Front:
    """Answers `/graphql`; every other request goes to `app`."""

    def __init__(
        self,
        app: FastAPI,
        requests: Requests,
        rates: RateLimits,
        limits: Limits,
        page: bytes,
        send_within_s: float = SEND_WITHIN_S,
    ) -> None:
        self.app = app
        self._requests = requests
        self._answering = requests.answering
        self._rates = rates
        self._limits = limits
        self._budgets = Budgets(limits.timeout_s)
        self._page = page
        self._send_within_s = send_within_s

    async def end(self) -> None:
        """End what would go on for ever."""
        await self._requests.hub.end()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] not in ("http", "websocket") or scope["path"] != PATH:
            await self.app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            own = Socket(self._requests, self._counting(scope), scope, receive, send, self._send_within_s)
            await own.serve()
            return
        started, headers = perf_counter(), dict(scope["headers"])
        may_show_page = scope["method"] in ("GET", "HEAD") and b"query=" not in scope["query_string"]
        kind = negotiation.media_type(headers.get(b"accept", b""), may_show_page)
        structlog.contextvars.bind_contextvars(request_id=(own_id := request_id(_text(headers, b"x-request-id"))))
        allowance: Allowance | None = None
        try:
            caller, malformed = _caller(scope, headers)
            allowance = await self._rates.spend(caller)
            _check(allowance, malformed)
            if sse.MEDIA_TYPE in headers.get(b"accept", b""):
                await self._stream(scope, headers, receive, send, list(allowance.headers) if allowance else [])
                return
            answer = await self._answer(scope, headers, receive, kind)
        except ClientGone:
            _answered("gone").inc()
            return
        except Refusal as refusal:
            answer = response.refused(refusal, self._answering.freshness())
        except Exception:
            log.exception("request failed", method=scope["method"], path=PATH)
            answer = response.refused(failed_inside(), self._answering.freshness())
        status = answer.status if kind == negotiation.GRAPHQL else answer.plain_status
        sent = [(b"x-request-id", own_id.encode()), *(allowance.headers if allowance else ())]
        await _send(scope, send, answer, status, kind or negotiation.JSON, sent)
        _tell(scope, answer, status, perf_counter() - started)

    async def _answer(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, kind: str | None) -> Answer:
        """The answer. Raises Refusal and ClientGone."""
        if kind == negotiation.HTML:
            return Answer(self._page)
        if kind is None:
            offered = f"{negotiation.GRAPHQL} and {negotiation.JSON}"
            raise Refusal(BAD_REQUEST, f"the answer comes as {offered}", 406)
        budget = Budget(self._budgets, receive)
        return await budget.spend(self._read_and_answered(scope, headers, receive, budget))

    def _counting(self, scope: Scope) -> May:
        """What counts one operation of a socket's client."""
        caller, malformed = _caller(scope, dict(scope["headers"]))

        async def may() -> None:
            _check(await self._rates.spend(caller), malformed)

        return may

    async def _stream(
        self,
        scope: Scope,
        headers: dict[bytes, bytes],
        receive: Receive,
        send: Send,
        sent: list[tuple[bytes, bytes]],
    ) -> None:
        """Answer by server-sent events, with these headers. Raises Refusal and ClientGone before the first."""
        budget = Budget(self._budgets, receive)
        asked = await budget.spend(self._asked(scope, headers, receive))
        await sse.Stream(self._requests, scope, receive, send, self._send_within_s).serve(asked, sent)
        _answered("stream").inc()

    async def _read_and_answered(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, budget: Budget
    ) -> Answer:
        asked = await self._asked(scope, headers, receive)
        budget.request_is_read()
        return await self._answering.answer(asked)

    async def _asked(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> Asked:
        """The request. Raises Refusal for what is none, and ClientGone."""
        if scope["method"] in ("GET", "HEAD"):
            return read_query_string(scope["query_string"], scope["headers"])
        if scope["method"] != "POST":
            raise Refusal(BAD_REQUEST, "GraphQL comes by GET or POST", 405, headers={"Allow": "GET, POST"})
        if not negotiation.is_json(headers.get(b"content-type", b"")):
            raise Refusal(BAD_REQUEST, "send the body as application/json in UTF-8", 415)
        return read_body(await received(receive, headers, self._limits.body_bytes), scope["headers"])


def _check(allowance: Allowance | None, malformed: Problem | None) -> None:
    """Raise Refusal for a caller who asks too often, or whose name is malformed."""
    if refused := allowance and allowance.refusal():
        raise Refusal(RATE_LIMITED, refused.detail, 429, headers=refused.headers)
    if malformed is not None:
        raise Refusal(BAD_REQUEST, malformed.detail)


def _caller(scope: Scope, headers: dict[bytes, bytes]) -> tuple[str, Problem | None]:
    """Under which key a request is counted, and what is wrong with its client's name."""
    client = scope.get("client")
    address = client[0] if client else ""
    if b"x-client-id" not in headers:
        return clients.limited_as(None, address), None
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-client-id"]
    try:
        return clients.limited_as(clients.named(lines), address), None
    except Problem as malformed:
        return clients.limited_as(None, address), malformed


def _text(headers: dict[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")


async def _send(
    scope: Scope, send: Send, answer: Answer, status: int, kind: str, headers: list[tuple[bytes, bytes]]
) -> None:
    headers += [
        (b"content-type", f"{kind}; charset=utf-8".encode()),
        (b"content-length", b"%d" % len(answer.body)),
        (b"vary", b"Accept"),
        *((name.lower().encode(), value.encode()) for name, value in answer.headers),
    ]
    if scope["method"] == "POST" and WHOLE in scope.get("extensions", ()):
        send_whole: Whole = scope["extensions"][WHOLE]["send"]
        send_whole(status, headers, answer.body)
        return
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def _tell(scope: Scope, answer: Answer, status: int, took_s: float) -> None:
    """Count the answer; log it where something was wrong, for a line of the log costs more than many an answer."""
    _answered(answer.outcome).inc()
    TOOK.observe(took_s)
    if answer.outcome != "ok":
        spent_ms = round(took_s * 1000, 1)
        log.info(
            "request", method=scope["method"], path=PATH, status=status, outcome=answer.outcome, duration_ms=spent_ms
        )
