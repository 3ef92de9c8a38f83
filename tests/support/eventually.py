"""Retries a check until it passes, or fails with the last reason."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from time import monotonic
from typing import Any


async def eventually(check: Callable[[], Any], timeout_s: float = 60) -> Any:
    """Call `check` (sync or async) until it no longer raises AssertionError, and return what it returned."""
    deadline = monotonic() + timeout_s
    while True:
        try:
            seen = check()
            return await seen if inspect.isawaitable(seen) else seen
        except AssertionError:
            if monotonic() > deadline:
                raise
        await asyncio.sleep(0.1)
