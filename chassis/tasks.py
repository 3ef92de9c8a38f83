"""Cancels background tasks."""

from __future__ import annotations

import asyncio
from typing import Any

RETRY_S = 0.5


async def end(*tasks: asyncio.Task[Any] | None) -> None:
    """Cancel the tasks and return when all have ended.

    A cancellation may get lost (in `asyncio.wait_for`, if its awaitable completes at the same moment), so it is
    repeated.
    """
    running = {task for task in tasks if task is not None and not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=RETRY_S)
