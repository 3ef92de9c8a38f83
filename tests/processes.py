"""One of our HTTP services as a process of its own, on the real servers: for what only a real process shows."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from chassis import addresses
from tests.eventually import eventually

CHECKOUT = Path(__file__).parents[1]


@asynccontextmanager
async def process(service: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m <service>.api`, ready, for as long as the block runs; a test may kill it earlier."""
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"{service}.api", cwd=CHECKOUT, env=dict(os.environ), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with httpx.AsyncClient(base_url=addresses.url(service)) as client:

            async def is_ready() -> None:
                try:
                    answer = await client.get("/health/ready")
                except httpx.TransportError as error:
                    raise AssertionError("it does not answer") from error
                assert answer.status_code == 200, answer.text

            await eventually(is_ready)
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()
