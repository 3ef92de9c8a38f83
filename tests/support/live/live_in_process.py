"""The hub of the gateway on a topic in memory, and clients of it that come back whenever they are ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

import orjson

from gateway import errors
from gateway.errors import Refusal
from gateway.live.events import Event
from gateway.live.hub import Hub, LiveLimits
from gateway.live.order_event import ORDERS
from gateway.operations.operations import Operation, Operations
from gateway.operations.validation import Limits
from gateway.schema import schema
from gateway.shop.context import Context

OPERATIONS = Operations(schema._schema, Limits())

PLAIN = "subscription ($after: String) { ordersChanged(after: $after) { cursor orderId version } }"
WITH_CUSTOMERS = """subscription ($after: String) { ordersChanged(after: $after) {
  cursor orderId version order { customer { name } } } }"""

NEVER_S = 100.0
"""What does not happen in so long, on a clock that takes no time, never does."""


class Loaders:
    """The read model: finds no customer, in `takes_s`."""

    takes_s = 0.0

    @property
    def customers(self) -> Loaders:
        return self

    async def load(self, _: UUID) -> None:
        await asyncio.sleep(self.takes_s)


def operation(query: str) -> Operation:
    """The operation of a query that is valid."""
    found = OPERATIONS.find(query, None)
    assert not found.errors, found.errors
    return found


@asynccontextmanager
async def a_hub(loaders: Loaders | None = None, *, has_read: bool = True, **limits: int) -> AsyncIterator[Hub]:
    """A hub that has read all there is, or begins to. In the end it has nothing left of anybody."""
    nothing = cast(Any, None)
    hub = Hub(
        ORDERS,
        schema._schema,
        LiveLimits(**limits),
        lambda: Context(nothing, nothing, cast(Any, loaders or Loaders())),
    )
    hub.start()
    if has_read:
        await hub.feed.has_caught_up.wait()
    yield hub
    await hub.close()
    assert (hub._subscribers, hub._groups, hub._running) == ({}, {}, set())


class Client:
    """Listens, and comes back with its cursor, until it is told that no cursor counts any more."""

    def __init__(self, hub: Hub, after: str | None, query: str = PLAIN, takes_s: float = 0.0) -> None:
        self.heard: list[tuple[UUID, int]] = []
        self.ends: list[str] = []
        self.cursor = after
        self._hub = hub
        self._operation = operation(query)
        self._takes_s = takes_s
        self._listening: asyncio.Task[None] | None = None

    def open(self, at: Hub | None = None) -> Client:
        """Listen from now on; at another hub it takes what comes at once."""
        if at is not None:
            self._hub, self._takes_s = at, 0.0
        self._listening = asyncio.create_task(self._listen())
        return self

    async def close(self) -> None:
        """Listen no more, wherever it is just now."""
        assert self._listening is not None
        self._listening.cancel()
        await asyncio.wait((self._listening,))
        if not self._listening.cancelled():
            self._listening.result()

    async def hears(self, *versions: tuple[UUID, int]) -> None:
        """Return when it has heard so many. Raises AssertionError when it hears anything else, or twice, or not in the
        order of an order's versions."""
        await until(lambda: len(self.heard) >= len(versions), f"{self.heard} of {versions}")
        assert sorted(self.heard) == sorted(versions)
        for order, _ in versions:
            heard = [version for each, version in self.heard if each == order]
            assert heard == sorted(heard)

    async def _listen(self) -> None:
        while errors.UNKNOWN_CURSOR not in self.ends:
            try:
                async with self._hub.subscribe(self._operation, None, {"after": self.cursor}) as events:
                    async for event in events:
                        self._take(event)
                        await asyncio.sleep(self._takes_s)
            except Refusal as refusal:
                self.ends.append(refusal.code)
                self.cursor = refusal.extensions.get("cursor", self.cursor)
                if refusal.message.startswith("the gateway is shutting down"):
                    return

    def _take(self, event: Event) -> None:
        [change] = orjson.loads(event.payload)["data"].values()
        assert change["cursor"] == event.cursor
        self.cursor = event.cursor
        self.heard.append((UUID(change["orderId"]), change["version"]))


async def until(is_so: Callable[[], bool], told: str = "") -> None:
    """Return when it is so. Raises AssertionError when that is never."""
    loop = asyncio.get_running_loop()
    never = loop.time() + NEVER_S
    while not is_so():
        assert loop.time() < never, told
        await asyncio.sleep(0.1)
