"""Who listens: each with a bounded buffer; for all who ask for the same, an answer is made once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple

import orjson
from graphql import DocumentNode, ExecutionResult, execute

from gateway import errors
from gateway.context import Context
from gateway.live import places
from gateway.live.change import Told, change
from gateway.live.subscription import Wanted
from gateway.schema import Schema

MOST_KEPT = 200
"""So many answers of one group are kept for those who come later."""


class Event(NamedTuple):
    """What a subscriber gets: an answer's JSON, and the cursor behind it."""

    payload: str
    cursor: str


class TooSlow(Exception):
    """A subscriber whose buffer is full. `cursor` is where to go on from."""

    def __init__(self, cursor: str | None) -> None:
        super().__init__("too slow")
        self.cursor = cursor


class Subscriber:
    """One subscription of one client: events wait here until they are sent, at most `most` of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: deque[Event] = deque()
        self._has_news = asyncio.Event()
        self._end: Exception | None = None
        self._last: str | None = None

    def offer(self, event: Event) -> bool:
        """Keep an event to be sent. False when the buffer is full: then this subscriber is at its end."""
        if len(self._waiting) >= self._most:
            self._waiting.clear()
            self.end(TooSlow(self._last))
            return False
        self._waiting.append(event)
        self._has_news.set()
        return True

    def end(self, reason: Exception) -> None:
        """Let `next` raise this, once what waits is sent."""
        self._end = self._end or reason
        self._has_news.set()

    async def next(self) -> Event:
        """The next event. Raises what the subscription ends with."""
        while not self._waiting:
            if self._end is not None:
                raise self._end
            self._has_news.clear()
            await self._has_news.wait()
        event = self._waiting.popleft()
        self._last = event.cursor
        return event


class Group:
    """All who subscribed to the same operation with the same variables."""

    def __init__(
        self,
        key: Hashable,
        schema: Schema,
        document: DocumentNode,
        operation_name: str | None,
        variables: Mapping[str, Any],
        wanted: Wanted,
        new_context: Callable[[], Context],
    ) -> None:
        self.key = key
        self.wanted = wanted.wanted
        self.members: set[Subscriber] = set()
        self._schema = schema
        self._document = document
        self._operation_name = operation_name
        self._variables = dict(variables)
        self._new_context = new_context
        self._kept: OrderedDict[tuple[int, int], asyncio.Future[Event]] = OrderedDict()

    async def event(self, told: Told, behind: tuple[int, ...]) -> Event:
        """The answer for a change, with the cursor of the place behind it: made once for all who stand there alike."""
        if behind != told.behind:
            return await self._made(told, behind)
        key = (told.partition, told.offset)
        if key not in self._kept:
            self._kept[key] = asyncio.ensure_future(self._made(told, behind))
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return await asyncio.shield(self._kept[key])

    async def _made(self, told: Told, behind: tuple[int, ...]) -> Event:
        cursor = places.cursor(behind)
        result = execute(
            self._schema._schema,
            self._document,
            root_value=change(told, cursor),
            context_value=self._new_context(),
            variable_values=self._variables,
            operation_name=self._operation_name,
        )
        answer = result if isinstance(result, ExecutionResult) else await result
        said: dict[str, Any] = {"data": answer.data}
        if answer.errors:
            said["errors"] = [error.formatted for error in errors.shown(answer.errors)]
        return Event(orjson.dumps(said).decode(), cursor)
