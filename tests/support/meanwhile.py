"""Work that goes on beside a test for as long as a block runs, and must not fail meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def going_on(*works: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Each of these for ever, all at once. Fails when one ended by itself."""
    busy = [asyncio.create_task(work()) for work in works]
    try:
        yield
    finally:
        for task in busy:
            task.cancel()
        ended = await asyncio.gather(*busy, return_exceptions=True)
    assert all(isinstance(each, asyncio.CancelledError) for each in ended), ended
