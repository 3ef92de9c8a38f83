"""The health endpoints of a worker that waits for its dependencies, before Faust serves its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from os import environ

from aiohttp import web

from chassis import addresses
from chassis.http.health import Readiness


@asynccontextmanager
async def health_pages(port_name: str, readiness: Readiness) -> AsyncIterator[None]:
    """Serve `/health/live` and `/health/ready` on the worker's port during the block."""

    async def live(_: web.Request) -> web.Response:
        return web.json_response({"status": "live"})

    async def ready(_: web.Request) -> web.Response:
        status, body = await readiness.answer()
        return web.json_response(body, status=status)

    app = web.Application()
    app.add_routes([web.get("/health/live", live), web.get("/health/ready", ready)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, environ.get("OMS_BIND", "127.0.0.1"), addresses.port(port_name))
    await site.start()
    try:
        yield
    finally:
        await runner.cleanup()
