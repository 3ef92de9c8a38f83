"""Monitors a view, and wakes the reads that wait for writes in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from gateway.consistency.waiters import Look, Show, Waiters
from gateway.listener import Listener, Ready


class ViewMonitor:
    """Listens to one view, and notifies `waiters` of its changes. Call `close` at the end."""

    def __init__(
        self, view: str, look: Look, listen: Callable[[Ready], Awaitable[None]], show: Show | None = None
    ) -> None:
        self.waiters = Waiters(view, look, show)
        self._listener = Listener(view, listen)

    def start(self) -> None:
        """Start to listen; retry while the view is unavailable. Further calls have no effect."""
        self._listener.start()

    async def close(self) -> None:
        """Stop listening."""
        await self._listener.close()
        await self.waiters.close()
