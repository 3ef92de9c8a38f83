"""Retries a check until it passes, or fails with the last reason.

A database that is too busy to answer a check in time is asked again, too.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from time import monotonic
from typing import Any

from chassis.http.errors.problems import Unavailable

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.005, 0.2
"""Most of what is waited for is there after some milliseconds; looking at what takes long is work, too."""


async def eventually(check: Callable[[], Any], timeout_s: float = 120) -> Any:
    """Call `check` (sync or async) until it passes and no database is unavailable. Returns what it returned."""
    deadline, pause_s = monotonic() + timeout_s, FIRST_PAUSE_S
    while True:
        try:
            seen = check()
            return await seen if inspect.isawaitable(seen) else seen
        except (AssertionError, Unavailable):
            if monotonic() > deadline:
                raise
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
