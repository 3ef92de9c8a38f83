"""The timeouts of what a client sends: the head of a request, its body, and nothing at all.

uvicorn has a timeout of idle connections after a response only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from chassis.settings import seconds

LEAST_BYTES_PER_S = 500
"""A body that arrives more slowly than this, for the whole of `body_s`, is not waited for."""


HEAD_S, BODY_S, IDLE_S = 10.0, 20.0, 75.0


class ReceiveTimeouts(NamedTuple):
    """Seconds: until a head is complete, counted from its first byte or from the start of the connection; between two
    checks of a body's progress; and that a connection may be idle after a response.
    """

    head_s: float = HEAD_S
    body_s: float = BODY_S
    idle_s: float = IDLE_S

    @classmethod
    def of_environment(cls) -> ReceiveTimeouts:
        """As the settings say. Raises ValueError."""
        return cls(
            seconds("OMS_HTTP_HEAD_TIMEOUT_S", HEAD_S),
            seconds("OMS_HTTP_BODY_TIMEOUT_S", BODY_S),
            seconds("OMS_HTTP_IDLE_TIMEOUT_S", IDLE_S),
        )


class ReceiveTimer:
    """The timer of one connection. `on_timeout` is called when it expires, with what did not arrive in time.

    `is_held` tells whether the client cannot send at present, because we do not read.
    """

    def __init__(
        self, timeouts: ReceiveTimeouts, is_held: Callable[[], bool], on_timeout: Callable[[str], None]
    ) -> None:
        self._timeouts = timeouts
        self._is_held = is_held
        self._on_timeout = on_timeout
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._is_of_body = False
        self._bytes = 0

    @property
    def is_running(self) -> bool:
        """Whether it waits for something."""
        return self._timer is not None

    def await_head(self) -> None:
        """Wait for the rest of a head. Further calls for the same head have no effect."""
        if self._timer is None or self._is_of_body:
            self._begin(self._timeouts.head_s, is_of_body=False)

    def await_body(self, length: int) -> None:
        """Wait for the rest of a body, of which so many bytes have just arrived."""
        if self._timer is None or not self._is_of_body:
            self._begin(self._timeouts.body_s, is_of_body=True)
        self._bytes += length

    def stop(self) -> None:
        """Wait for nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _begin(self, after_s: float, *, is_of_body: bool) -> None:
        self.stop()
        self._is_of_body, self._bytes = is_of_body, 0
        self._timer = self._loop.call_later(after_s, self._expire)

    def _expire(self) -> None:
        self._timer = None
        has_progressed = self._is_of_body and self._bytes >= LEAST_BYTES_PER_S * self._timeouts.body_s
        if has_progressed or self._is_held():
            after_s = self._timeouts.body_s if self._is_of_body else self._timeouts.head_s
            self._begin(after_s, is_of_body=self._is_of_body)
        else:
            self._on_timeout("body" if self._is_of_body else "head")
