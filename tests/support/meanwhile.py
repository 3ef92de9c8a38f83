"""Runs background work during a test, which must not fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def going_on(*works: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Run these concurrently while the block runs. Fails if one ends by itself."""
    busy = [asyncio.create_task(work()) for work in works]
    try:
        yield
    finally:
        for task in busy:
            task.cancel()
        ended = await asyncio.gather(*busy, return_exceptions=True)
    assert all(isinstance(each, asyncio.CancelledError) for each in ended), ended
