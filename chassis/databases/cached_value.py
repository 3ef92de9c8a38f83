"""A value that changes rarely and is read from a store: kept here, and read again when it is old and asked for."""

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
    """The value that `read` has read last. Nobody but the first waits for it; nobody asks, nothing is read."""

    def __init__(self, read: Callable[[], Awaitable[Value]], for_s: float) -> None:
        self._read = read
        self._for_s = for_s
        self._value: Value | None = None
        self._read_at = -inf
        self._reading: asyncio.Task[Value] | None = None

    async def get(self) -> Value:
        """The value, at most `for_s` older than when it was asked for before. Raises what reading the first raises."""
        if self._value is not None and monotonic() - self._read_at < self._for_s:
            return self._value
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_again())
        if self._value is not None:
            return self._value
        return await asyncio.shield(self._reading)

    async def close(self) -> None:
        """Read no more."""
        await end(self._reading)

    async def _read_again(self) -> Value:
        try:
            self._value = await self._read()
        except Exception as error:
            if self._value is None:
                raise
            log.warning("what is kept could not be read again", reason=repr(error))
        finally:
            self._read_at = monotonic()
            self._reading = None
        assert self._value is not None
        return self._value
