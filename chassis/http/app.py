"""The HTTP process: a FastAPI app with health, metrics, problems, request ids and a log, and its server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from os import environ
from socket import socket

import orjson
from fastapi import Depends, FastAPI, Response
from starlette.types import ASGIApp

from chassis import addresses, logs
from chassis.http import metrics
from chassis.http.caching import NO_STORE
from chassis.http.content.body_contents import check_body
from chassis.http.cors import CrossOrigin, allowed_origins
from chassis.http.errors import problem_responses
from chassis.http.health import Check, Readiness
from chassis.http.middleware import Admission, RequestContext
from chassis.http.rate_limits import RateLimits
from chassis.http.routing.direct import DirectDispatch
from chassis.http.routing.operations import Operations
from chassis.http.routing.routes import check_query
from chassis.http.serving import processes, server
from chassis.http.web import offline_docs
from chassis.logs import logger
from chassis.retrying import until_done

log = logger(__name__)

SWEEP_EVERY_S = 60.0


def service(
    name: str,
    description: str,
    *,
    checks: Mapping[str, Check],
    prepare: Callable[[], Awaitable[None]],
    close: Callable[[], Awaitable[None]],
    sweep: Callable[[], Awaitable[int]] | None = None,
    limits: RateLimits | None = None,
    admission: Admission | None = None,
    caching: str = NO_STORE,
    degraded: Callable[[], Mapping[str, str]] = dict,
) -> FastAPI:
    """An app that starts before its dependencies are available.

    `prepare` (migrations and the like) is retried in the background until it succeeds, so that services start in any
    order; until then, and while one of `checks` raises, `/health/ready` returns 503 with the reasons. After that, one
    process of the service calls `sweep` every minute: it deletes expired rows and returns their number. `limits` are
    rate limits; None is unlimited. Each request awaits `admission` before it is started. `caching` is the Cache-Control
    of successful reads. `degraded` returns what does not work while the app is ready, for `/health/ready`. Unknown
    query parameters, and bodies of operations without one, are rejected. `close` is called last, when no request is in
    flight.
    """
    readiness = Readiness(checks, degraded)

    async def get_ready() -> None:
        await until_done("start-up", prepare, readiness.note_failure)
        readiness.prepared = True
        if sweep is not None and processes.is_first():
            await _sweep_forever(sweep)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        preparing = asyncio.create_task(get_ready())
        yield
        preparing.cancel()
        await asyncio.gather(preparing, return_exceptions=True)
        if limits is not None:
            await limits.close()
        await close()

    app = FastAPI(
        title=name,
        description=description,
        version="1",
        lifespan=lifespan,
        redoc_url=None,
        redirect_slashes=False,  # `/customers/` is no resource; a redirect would lead to the Host of the request
        dependencies=[Depends(check_query), Depends(check_body)],
        generate_unique_id_function=lambda route: route.name,
    )
    problem_responses.install(app)
    app.state.direct_operations = Operations()
    app.add_middleware(DirectDispatch, operations=app.state.direct_operations)
    app.add_middleware(RequestContext, limits=limits, admission=admission, caching=caching)
    metrics.install(app, app.state.direct_operations)

    @app.get("/health/live", include_in_schema=False)
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/health/ready", include_in_schema=False)
    async def ready() -> Response:
        status, body = await readiness.answer()
        headers = {"Retry-After": "1"} if status == 503 else None
        return Response(orjson.dumps(body), status, headers, media_type="application/json")

    offline_docs(app)
    return app


async def _sweep_forever(sweep: Callable[[], Awaitable[int]]) -> None:
    while True:
        try:
            if removed := await sweep():
                log.info("expired rows deleted", removed=removed)
        except Exception as error:
            log.warning("expired rows not deleted", reason=repr(error))
        await asyncio.sleep(SWEEP_EVERY_S)


def serve(app: ASGIApp, name: str, *, is_alone: bool = False) -> None:
    """Run the app on its port until SIGTERM, then finish the requests in flight.

    In `OMS_<NAME>_PROCESSES` processes, which are copies of this one, unless it `is_alone`. Raises ValueError for a
    malformed setting.
    """
    logs.configure(name)
    origins, host, port = allowed_origins(), environ.get("OMS_BIND", "127.0.0.1"), addresses.port(name)
    served = CrossOrigin(app, origins) if origins else app

    def serve_as(listening: socket, number: int) -> None:
        logs.configure(name, process=number)
        server.run(served, host, port, listening)

    if (several := 1 if is_alone else processes.count(name)) > 1:
        server.freeze_garbage()
        processes.run(serve_as, name, host, port, several)
    else:
        processes.RUNNING.set(1)
        server.run(served, host, port)
