"""What a view says of itself: who waits for writes in it is woken by its news."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from gateway.consistency.waiting import Look, Waiting
from gateway.listening import Heard, Listening


class News:
    """Listens to one view, so that `waiting` follows it. `close` it in the end."""

    def __init__(self, view: str, look: Look, listen: Callable[[Heard], Awaitable[None]]) -> None:
        self.waiting = Waiting(view, look)
        self._listening = Listening(view, listen)

    def start(self) -> None:
        """Listen from now on, also when the view is away for a while. To be told so again changes nothing."""
        self._listening.start()

    async def close(self) -> None:
        """Listen no more."""
        await self._listening.close()
        await self.waiting.close()
