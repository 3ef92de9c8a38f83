"""The two questions of health: am I running, and can I serve now; and if not, what is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Check = Callable[[], Awaitable[None]]
"""Returns when a dependency is there, raises with the reason when it is not."""

CHECK_TIMEOUT_S = 2.0


class Readiness:
    """What a process needs before it can serve. `prepared` turns true once, when its start-up work is done."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self.prepared = False

    async def missing(self) -> dict[str, str]:
        """What is not there, each with its reason; empty means ready. Checks run side by side."""
        reasons = await asyncio.gather(*(_reason(check) for check in self._checks.values()))
        missing = {name: reason for name, reason in zip(self._checks, reasons, strict=True) if reason}
        if not self.prepared:
            missing["start-up"] = "not finished"
        return missing

    async def answer(self) -> tuple[int, dict[str, Any]]:
        """What `/health/ready` says: 200, or 503 with what is missing."""
        missing = await self.missing()
        return (
            (503, {"status": "not ready", "missing": missing}) if missing else (200, {"status": "ready", "missing": {}})
        )


async def _reason(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            await check()
    except TimeoutError:
        return f"no answer in {CHECK_TIMEOUT_S:g} s"
    except Exception as error:
        return str(error) or type(error).__name__
    return ""
