"""Liveness and readiness, with the reason why a process is not ready."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Check = Callable[[], Awaitable[None]]
"""Returns if a dependency is available, raises with the reason if not."""

CHECK_TIMEOUT_S = 2.0


class Readiness:
    """The conditions for serving. `prepared` becomes true when the start-up work is done.

    `degraded` returns what does not work although requests are served, each with the reason.
    """

    def __init__(self, checks: Mapping[str, Check], degraded: Callable[[], Mapping[str, str]] = dict) -> None:
        self._checks = checks
        self._degraded = degraded
        self.prepared = False
        self._failure = ""

    def note_failure(self, reason: str) -> None:
        """Record why the start-up work fails; "" if it does not."""
        self._failure = reason

    async def missing(self) -> dict[str, str]:
        """The failing checks with their reasons; empty means ready. Checks run concurrently."""
        reasons = await asyncio.gather(*(_reason(check) for check in self._checks.values()))
        missing = {name: reason for name, reason in zip(self._checks, reasons, strict=True) if reason}
        if not self.prepared:
            missing["start-up"] = self._failure or "not finished"
        return missing

    async def answer(self) -> tuple[int, dict[str, Any]]:
        """Status and body of `/health/ready`: 200, or 503 with the failing checks."""
        missing, degraded = await self.missing(), self._degraded()
        body: dict[str, Any] = {"status": "not ready" if missing else "ready", "missing": missing}
        return 503 if missing else 200, {**body, "degraded": degraded} if degraded else body


async def _reason(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            await check()
    except TimeoutError:
        return f"no response in {CHECK_TIMEOUT_S:g} s"
    except Exception as error:
        return str(error) or type(error).__name__
    return ""
