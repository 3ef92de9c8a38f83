"""A cache of one value that changes rarely, refreshed in the background when it is used after its time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from math import inf
from time import monotonic
from typing import Generic, TypeVar

from chassis.logs import logger
from chassis.tasks import end

log = logger(__name__)

Value = TypeVar("Value")


class CachedValue(Generic[Value]):
    """The last value of `read`. Only the first caller waits; without callers, nothing is read."""

    def __init__(self, read: Callable[[], Awaitable[Value]], for_s: float) -> None:
        self._read = read
        self._for_s = for_s
        self._value: Value | None = None
        self._read_at = -inf
        self._reading: asyncio.Task[Value] | None = None

    async def get(self) -> Value:
        """The value, at most `for_s` old at the previous call. Raises what the first read raises."""
        if self._value is not None and monotonic() - self._read_at < self._for_s:
            return self._value
        if self._reading is None:
            self._reading = asyncio.create_task(self._refresh())
        if self._value is not None:
            return self._value
        return await asyncio.shield(self._reading)

    async def close(self) -> None:
        """Cancel reading."""
        await end(self._reading)

    async def _refresh(self) -> Value:
        try:
            self._value = await self._read()
        except Exception as error:
            if self._value is None:
                raise
            log.warning("cached value not refreshed", reason=repr(error))
        finally:
            self._read_at = monotonic()
            self._reading = None
        assert self._value is not None
        return self._value
