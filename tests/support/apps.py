"""HTTP apps of the services inside the process of the test, with real servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from gateway.front import Front
from tests.support.eventually import eventually


@asynccontextmanager
async def running(app: FastAPI | Front, *, until_ready: bool = True) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the app, which runs while the block does; waits until it is ready, unless told otherwise."""
    transport, inner = httpx.ASGITransport(app), app.app if isinstance(app, Front) else app
    async with (
        inner.router.lifespan_context(inner),
        httpx.AsyncClient(transport=transport, base_url="http://app", timeout=30) as client,
    ):

        async def is_ready() -> None:
            answer = await client.get("/health/ready")
            assert answer.status_code == 200, answer.text

        if until_ready:
            await eventually(is_ready)
        yield client
