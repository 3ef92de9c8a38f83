"""Listening to a store for as long as the process lives, however often the connection is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from chassis.logs import logger
from chassis.tasks import end

log = logger(__name__)

AGAIN_S = 0.5

Heard = Callable[[], None]
"""To be called once everything that is said from now on is heard."""


class Listening:
    """Runs `listen`, which returns or raises when it hears no more, again and again. `close` it in the end."""

    def __init__(self, to: str, listen: Callable[[Heard], Awaitable[None]]) -> None:
        self._to = to
        self._listen = listen
        self._is_told = False
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Listen from now on, also when there is nobody yet to listen to. To be told so again changes nothing."""
        if self._running is None:
            self._running = asyncio.create_task(self._listen_on())

    async def close(self) -> None:
        """Listen no more."""
        await end(self._running)

    async def _listen_on(self) -> None:
        while True:
            try:
                await self._listen(self._heard)
            except Exception as error:  # whatever it is: who no longer listens lets everybody wait in vain
                self._failed(error)
            except asyncio.CancelledError as error:
                if (task := asyncio.current_task()) is None or task.cancelling():
                    raise
                self._failed(error)  # something below was cancelled, not this
            await asyncio.sleep(AGAIN_S)

    def _failed(self, error: BaseException) -> None:
        if not self._is_told:
            log.warning("not listening; trying again", to=self._to, reason=repr(error))
        self._is_told = True

    def _heard(self) -> None:
        self._is_told = False
