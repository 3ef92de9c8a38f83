"""The HTTP side of GraphQL: the outermost ASGI app, which answers `/graphql` with as little overhead as possible.

Source: https://graphql.github.io/graphql-over-http/draft/.
"""

from __future__ import annotations

from functools import cache
from time import perf_counter
from typing import NamedTuple

import structlog
from fastapi import FastAPI
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from chassis.http import clients
from chassis.http.content import media_types
from chassis.http.errors.problems import Problem
from chassis.http.middleware import request_id
from chassis.http.rate_limits import Allowance, RateLimits
from chassis.logs import logger
from gateway.errors import BAD_REQUEST, RATE_LIMITED, Refusal, internal_error
from gateway.live import sse
from gateway.live.dispatch import CheckRate, Dispatcher
from gateway.live.timeouts import DEFAULT_TIMEOUTS, Timeouts
from gateway.live.websocket import Socket
from gateway.operations.operations import Operation
from gateway.operations.validation import Limits
from gateway.requests import negotiation
from gateway.requests.body import receive_body
from gateway.requests.negotiation import Accepted
from gateway.requests.request import Request, read_body, read_query_string
from gateway.requests.response import Response, refusal_response
from gateway.requests.sending import in_media_type, joined_lines, send_response
from gateway.requests.time_budget import Budget, Budgets, ClientGone

log = logger(__name__)

PATH = "/graphql"

ANSWERED = Counter("oms_graphql_responses_total", "Responses: ok, partial, or the code of the error", ["outcome"])
TOOK = Histogram("oms_graphql_response_seconds", "Time from the arrival of a request until its response is sent")


_responses = cache(ANSWERED.labels)


class _Subscription(NamedTuple):
    """A subscription to be streamed."""

    operation: Operation
    request: Request


class Front:
    """Answers `/graphql`; every other request goes to `app`."""

    def __init__(
        self,
        app: FastAPI,
        dispatcher: Dispatcher,
        rates: RateLimits,
        limits: Limits,
        page: bytes,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        self.app = app
        self._dispatcher = dispatcher
        self._executor = dispatcher.executor
        self._rates = rates
        self._limits = limits
        self._budgets = Budgets(limits.timeout_s)
        self._page = page
        self._timeouts = timeouts

    async def end(self) -> None:
        """End the subscriptions."""
        await self._dispatcher.hub.end()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] not in ("http", "websocket") or scope["path"] != PATH:
            await self.app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
            return
        started, headers = perf_counter(), dict(scope["headers"])
        may_show_page = scope["method"] in ("GET", "HEAD") and b"query=" not in scope["query_string"]
        accepted = negotiation.accepted(_accept(scope, headers), may_show_page)
        kind = accepted.single or negotiation.JSON
        structlog.contextvars.bind_contextvars(request_id=(own_id := request_id(_text(headers, b"x-request-id"))))
        allowance: Allowance | None = None
        try:
            caller, malformed = _caller(scope, headers)
            allowance = await self._rates.spend(caller)
            _check(allowance, malformed)
            response = await self._respond(scope, headers, receive, accepted)
            if isinstance(response, _Subscription):
                kind = negotiation.STREAM
                sent = [(b"x-request-id", own_id.encode()), *(allowance.headers if allowance else ())]
                await self._stream(response, scope, receive, send, sent)
                return
        except ClientGone:
            _responses("gone").inc()
            return
        except Refusal as refusal:
            response = refusal_response(refusal, self._executor.freshness())
        except Exception:
            log.exception("request failed", method=scope["method"], path=PATH)
            response = refusal_response(internal_error(), self._executor.freshness())
        kind, response, status = in_media_type(kind, response)
        sent = [(b"x-request-id", own_id.encode()), *(allowance.headers if allowance else ())]
        await send_response(scope, send, response, status, kind, sent)
        _record(scope, response, status, perf_counter() - started)

    async def _respond(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, accepted: Accepted
    ) -> Response | _Subscription:
        """The response, or a subscription whose client accepts a stream. Raises Refusal and ClientGone."""
        if accepted.single == negotiation.HTML:
            return Response(self._page)
        if accepted.single is None:
            offered = f"{negotiation.GRAPHQL} or {negotiation.JSON}, or {negotiation.STREAM}"
            raise Refusal(BAD_REQUEST, f"send Accept with {offered}", 406)
        budget = Budget(self._budgets, receive)
        return await budget.spend(self._read_and_execute(scope, headers, receive, budget, accepted))

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        own_id = request_id(_text(dict(scope["headers"]), b"x-request-id"))
        structlog.contextvars.bind_contextvars(request_id=own_id)
        socket = Socket(self._dispatcher, self._rate_check(scope), scope, receive, send, self._timeouts)
        await socket.serve([(b"x-request-id", own_id.encode())])

    def _rate_check(self, scope: Scope) -> CheckRate:
        """What counts one operation against the rate limit of a socket's client."""
        caller, malformed = _caller(scope, dict(scope["headers"]))

        async def check_rate() -> None:
            _check(await self._rates.spend(caller), malformed)

        return check_rate

    async def _stream(
        self,
        subscription: _Subscription,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: list[tuple[bytes, bytes]],
    ) -> None:
        """Answer a subscription with server-sent events and these headers. Raises Refusal before the first."""
        stream = sse.Stream(self._dispatcher, scope, receive, send, self._timeouts)
        await stream.serve(*subscription, headers)
        _responses("stream").inc()

    async def _read_and_execute(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, budget: Budget, accepted: Accepted
    ) -> Response | _Subscription:
        request = await self._read_request(scope, headers, receive)
        budget.request_is_read()
        result = await self._executor.execute(request)
        if not isinstance(result, Operation):
            return result
        if scope["method"] == "HEAD":
            raise Refusal(BAD_REQUEST, "send subscriptions with GET or POST", 405, headers={"Allow": "GET, POST"})
        if not accepted.stream:
            by = f"Accept: {negotiation.STREAM}, or over WebSocket (graphql-transport-ws)"
            raise Refusal(BAD_REQUEST, f"send subscriptions with {by}", 406)
        return _Subscription(result, request)

    async def _read_request(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> Request:
        """The request. Raises Refusal for an invalid one, and ClientGone."""
        if scope["method"] in ("GET", "HEAD"):
            return read_query_string(scope["query_string"], scope["headers"])
        if scope["method"] != "POST":
            raise Refusal(BAD_REQUEST, "send GraphQL requests with GET or POST", 405, headers={"Allow": "GET, POST"})
        if not negotiation.is_json(headers.get(b"content-type", b"")):
            raise Refusal(BAD_REQUEST, "send the body as application/json in UTF-8", 415)
        if b"content-encoding" in headers and (encoded := media_types.check_coding(Headers(scope=scope))):
            raise Refusal(BAD_REQUEST, encoded.detail, 415, headers=encoded.headers)
        return read_body(await receive_body(receive, headers, self._limits.body_bytes), scope["headers"])


def _accept(scope: Scope, headers: dict[bytes, bytes]) -> str:
    """The header `Accept`, whose lines are joined (RFC 9110, 5.3)."""
    if len(headers) == len(scope["headers"]):
        return _text(headers, b"accept")
    return joined_lines(scope, b"accept")


def _check(allowance: Allowance | None, malformed: Problem | None) -> None:
    """Raise Refusal for a client over its rate limit, or with a malformed name."""
    if refused := allowance and allowance.refusal():
        raise Refusal(RATE_LIMITED, refused.detail, 429, headers=refused.headers)
    if malformed is not None:
        raise Refusal(BAD_REQUEST, malformed.detail)


def _caller(scope: Scope, headers: dict[bytes, bytes]) -> tuple[str, Problem | None]:
    """The key under which a client is counted, and what is wrong with its name."""
    client = scope.get("client")
    address = client[0] if client else ""
    if b"x-client-id" not in headers:
        return clients.rate_limit_key(None, address), None
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-client-id"]
    try:
        return clients.rate_limit_key(clients.client_name(lines), address), None
    except Problem as malformed:
        return clients.rate_limit_key(None, address), malformed


def _text(headers: dict[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")


def _record(scope: Scope, response: Response, status: int, took_s: float) -> None:
    """Count the response. Log it only if it has errors: a line of the log costs more than many a response."""
    _responses(response.outcome).inc()
    TOOK.observe(took_s)
    if response.outcome != "ok":
        spent_ms = round(took_s * 1000, 1)
        log.info(
            "request", method=scope["method"], path=PATH, status=status, outcome=response.outcome, duration_ms=spent_ms
        )
