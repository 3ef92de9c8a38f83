"""Ending tasks that run until they are told not to."""

from __future__ import annotations

import asyncio
from typing import Any

AGAIN_S = 0.5


async def end(*tasks: asyncio.Task[Any] | None) -> None:
    """Return when all have ended.

    A task may lose a cancellation (`asyncio.wait_for` does, when what it waits for comes at the same moment), so it is
    told again.
    """
    running = {task for task in tasks if task is not None and not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=AGAIN_S)
