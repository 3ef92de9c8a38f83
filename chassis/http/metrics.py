"""Metrics of HTTP requests, by the names and labels of prometheus-fastapi-instrumentator, and the page that shows them.

That library finds the route of each request and builds objects of it for its plug-ins, which costs more than counting.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from os import environ
from time import perf_counter
from typing import NamedTuple

from fastapi import FastAPI, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Summary,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_fastapi_instrumentator.routing import get_route_name
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.http.routing.operations import Operations

_UNKNOWN = "none"
"""The handler of requests whose path no route has."""

_QUIET = ("/metrics", "/health/")
"""Handlers that are not counted."""

_HIGH_RESOLUTION = (0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 7.5, 10, 30, 60)

_TOTAL = Counter(
    "http_requests_total",
    "Total number of requests by method, status and handler.",
    ["method", "status", "handler"],
)
_IN_SIZE = Summary(
    "http_request_size_bytes",
    "Content length of incoming requests by handler. Only value of header is respected. Otherwise ignored. "
    "No percentile calculated. ",
    ["handler"],
)
_OUT_SIZE = Summary(
    "http_response_size_bytes",
    "Content length of outgoing responses by handler. Only value of header is respected. Otherwise ignored. "
    "No percentile calculated. ",
    ["handler"],
)
_DURATION = Histogram(
    "http_request_duration_highr_seconds",
    "Latency with many buckets but no API specific labels. Made for more accurate percentile calculations. ",
    buckets=_HIGH_RESOLUTION,
)
_DURATION_BY_HANDLER = Histogram(
    "http_request_duration_seconds",
    "Latency with only few buckets by handler. Made to be only used if aggregation by handler is important. ",
    ["method", "handler"],
    buckets=(0.1, 0.5, 1),
)


class _Metrics(NamedTuple):
    """The metrics with the labels of one kind of request."""

    total: Counter
    in_size: Summary
    out_size: Summary
    duration: Histogram


@lru_cache(maxsize=1024)
def _labelled(method: str, status: str, handler: str) -> _Metrics:
    """Looking labels up costs more than counting."""
    return _Metrics(
        _TOTAL.labels(method, status, handler),
        _IN_SIZE.labels(handler),
        _OUT_SIZE.labels(handler),
        _DURATION_BY_HANDLER.labels(method, handler),
    )


class RequestMetrics:
    """ASGI middleware that counts requests. Those of `operations` are counted by the paths of their routes."""

    def __init__(self, app: ASGIApp, operations: Operations) -> None:
        self.app = app
        self.operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        handler = self._handler(scope) if scope["type"] == "http" else None
        if handler is None:
            await self.app(scope, receive, send)
            return
        began, status, out_size = perf_counter(), 500, 0

        async def sending(message: Message) -> None:
            nonlocal status, out_size
            if message["type"] == "http.response.start":
                status, out_size = message["status"], _length(message["headers"])
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            duration_s = perf_counter() - began
            metrics = _labelled(scope["method"], f"{status // 100}xx", handler)
            metrics.total.inc()
            metrics.in_size.observe(_length(scope["headers"]))
            metrics.out_size.observe(out_size)
            metrics.duration.observe(duration_s)
            _DURATION.observe(duration_s)

    def _handler(self, scope: Scope) -> str | None:
        """The path of the route. None if its requests are not counted."""
        path: str = scope["path"]
        if found := self.operations.find(scope["method"], path):
            return found[0].path
        name = get_route_name(HTTPConnection(scope), should_include_root_path=False)
        is_quiet = any(each in (name or path) for each in _QUIET)
        return None if is_quiet else name or _UNKNOWN


_computed: dict[Gauge, Callable[[], float]] = {}


def compute(gauge: Gauge, value: Callable[[], float]) -> None:
    """Set the gauge to `value()` whenever metrics are read, in the process that answers."""
    _computed[gauge] = value


def install(app: FastAPI, operations: Operations) -> None:
    """Count the requests of the app, and show the metrics of all processes of the service at `/metrics`."""
    app.add_middleware(RequestMetrics, operations=operations)

    @app.get("/metrics", include_in_schema=False)
    async def show() -> Response:
        for gauge, value in _computed.items():
            gauge.set(value())
        registry = REGISTRY
        if "PROMETHEUS_MULTIPROC_DIR" in environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _length(headers: list[tuple[bytes, bytes]]) -> int:
    return next((int(value) for name, value in headers if name.lower() == b"content-length"), 0)
