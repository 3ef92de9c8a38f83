"""Retrying calls to the REST services for a limited time: in all, or since the last progress."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

from chassis.http.errors.problems import Unavailable
from chassis.retrying import attempts
from chassis.settings import seconds
from oms.company.errors import ServiceUnavailable

Answer = TypeVar("Answer")

TIMEOUT_S = 60.0
"""How long a service may be unavailable before a command fails; import and export have `OMS_IMPORT_TIMEOUT_S`."""


class ProgressTimeout:
    """Allows retries until nothing has progressed for `timeout_s` seconds.

    `on_wait` is called with the reason of each retry, and with None at the next progress.
    """

    def __init__(self, timeout_s: float = TIMEOUT_S, on_wait: Callable[[str | None], None] = lambda _: None) -> None:
        self._timeout_s = timeout_s
        self._on_wait = on_wait
        self._waiting_since: float | None = None

    def progressed(self) -> None:
        """Something was done: the time starts anew at the next error."""
        if self._waiting_since is not None:
            self._waiting_since = None
            self._on_wait(None)

    def retry_or_raise(self, error: Exception) -> None:
        """Allow a retry after `error`. Raises it when the time is over."""
        now = monotonic()
        self._waiting_since = self._waiting_since or now
        if now - self._waiting_since >= self._timeout_s:
            raise error
        self._on_wait(str(error))

    async def until_done(
        self, action: Callable[[], Awaitable[Answer]], is_temporary: Callable[[Exception], bool]
    ) -> Answer:
        """The result of `action`, which is called again after temporary errors. It must be safe to repeat."""
        async for _ in attempts(most_s=2.0):
            try:
                answer = await action()
            except Exception as error:
                if not is_temporary(error):
                    raise
                self.retry_or_raise(error)
            else:
                self.progressed()
                return answer
        raise AssertionError("attempts never end")


def import_timeout(on_wait: Callable[[str | None], None]) -> ProgressTimeout:
    """The timeout of an import or export, which is long: the command would have to be started again."""
    return ProgressTimeout(seconds("OMS_IMPORT_TIMEOUT_S", 300), on_wait)


async def until_available(action: Callable[[], Awaitable[Answer]]) -> Answer:
    """The result of `action`, which is called again while its service is unavailable, for `TIMEOUT_S` in all.

    A call whose answer was lost may have been done, so `action` must be safe to repeat. Raises ServiceUnavailable,
    and Unavailable for a database.
    """
    deadline = monotonic() + TIMEOUT_S
    async for _ in attempts(most_s=2.0):
        try:
            return await action()
        except (ServiceUnavailable, Unavailable):
            if monotonic() >= deadline:
                raise
    raise AssertionError("attempts never end")
