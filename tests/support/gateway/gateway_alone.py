"""The gateway without its databases and without rate limits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from gateway.api import app


def set_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what the gateway requires to start."""
    monkeypatch.setenv("OMS_GATEWAY_DB_PASSWORD", "none")
    monkeypatch.setenv("OMS_REDIS_PASSWORD", "none")
    monkeypatch.setenv("OMS_RATE_LIMIT", "off")


@asynccontextmanager
async def gateway_alone(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the gateway, which runs in this process."""
    set_environment(monkeypatch)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app()), base_url="http://test") as http:
        yield http
