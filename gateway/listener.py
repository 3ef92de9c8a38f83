"""A listener to a database or a topic, which reconnects for as long as the process lives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from chassis.logs import logger
from chassis.tasks import end

log = logger(__name__)

RETRY_S = 0.5

Ready = Callable[[], None]
"""To be called once the listener receives everything that is sent from now on."""


class Listener:
    """Calls `listen` again whenever it returns or raises. Call `close` at the end."""

    def __init__(self, to: str, listen: Callable[[Ready], Awaitable[None]]) -> None:
        self._to = to
        self._listen = listen
        self._is_logged = False
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start to listen; retry while the source is unavailable. Further calls have no effect."""
        if self._running is None:
            self._running = asyncio.create_task(self._listen_repeatedly())

    async def close(self) -> None:
        """Stop listening."""
        await end(self._running)

    async def _listen_repeatedly(self) -> None:
        while True:
            try:
                await self._listen(self._ready)
            except Exception as error:  # whatever it is: waiters would wait in vain without a listener
                self._failed(error)
            except asyncio.CancelledError as error:
                if (task := asyncio.current_task()) is None or task.cancelling():
                    raise
                self._failed(error)  # the cancellation came from below
            await asyncio.sleep(RETRY_S)

    def _failed(self, error: BaseException) -> None:
        if not self._is_logged:
            log.warning("listener disconnected; retrying", to=self._to, reason=repr(error))
        self._is_logged = True

    def _ready(self) -> None:
        self._is_logged = False
