"""Where subscribers meet the stream of changes: what they missed first, then each change as it comes, once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from inspect import isawaitable
from typing import Any

from graphql import DocumentNode, ExecutionResult, VariableNode, Visitor, subscribe, visit
from prometheus_client import Counter, Gauge

from chassis.cursors import InvalidCursor
from chassis.logs import logger
from gateway import errors
from gateway.context import Context
from gateway.errors import Refusal
from gateway.live import places, replay
from gateway.live.change import Told
from gateway.live.feed import Feed
from gateway.live.matching import fits
from gateway.live.subscribers import Event, Group, Subscriber
from gateway.live.subscription import Wanted
from gateway.operations import Operation
from gateway.schema import Schema

log = logger(__name__)

SUBSCRIBERS = Gauge("oms_graphql_subscribers", "Subscriptions that are served at the moment")
TOLD = Counter("oms_graphql_changes_told_total", "Changes of orders that subscribers were told, one for each of them")
DROPPED = Counter("oms_graphql_subscribers_dropped_total", "Subscribers who were too slow")

CATCH_UP_S = 5.0
"""How long a subscriber waits for the stream itself to be read that far."""


@dataclass(frozen=True)
class LiveLimits:
    """At most `subscribers` in one process, each with `buffer` events that wait; versions are known of `orders`."""

    subscribers: int = 10_000
    buffer: int = 100
    orders: int = 1_000_000


class Hub:
    """The subscriptions of one process. `start` it before it is used, and `close` it in the end."""

    def __init__(self, schema: Schema, limits: LiveLimits, new_context: Callable[[], Context]) -> None:
        self._schema = schema
        self._limits = limits
        self._new_context = new_context
        self._groups: dict[Any, Group] = {}
        self._subscribers = 0
        self.feed = Feed(self._told, self._lost, limits.orders)

    def start(self) -> None:
        """Read the stream from now on."""
        self.feed.start()

    def end(self) -> None:
        """End all subscriptions: their clients come back with their cursors."""
        self._end_all(Refusal(errors.UNAVAILABLE, "the gateway is being stopped; come back with your cursor", 503))

    async def close(self) -> None:
        """End all subscriptions, and read no more."""
        self.end()
        await self.feed.close()

    async def cursor(self) -> str:
        """The place of now. Raises Refusal."""
        await self._wait_for([])
        return places.cursor(self.feed.next_offsets)

    @asynccontextmanager
    async def subscribed(
        self, operation: Operation, name: str | None, variables: Mapping[str, Any], seen: str | None = None
    ) -> AsyncIterator[AsyncIterator[Event]]:
        """The events of a subscription, for as long as the block runs. Raises Refusal; so do the events.

        A cursor that was `seen` counts instead of the operation's `after`.
        """
        assert operation.document is not None
        if self._subscribers >= self._limits.subscribers:
            raise Refusal(errors.UNAVAILABLE, "there are too many subscribers at the moment; try again", 503)
        wanted = await self._wanted(operation.document, name, variables)
        wanted = replace(wanted, after=seen or wanted.after)
        offsets = await self._begin(wanted)
        group = self._group(operation.document, name, variables, wanted)
        subscriber = Subscriber(self._limits.buffer)
        self._subscribers += 1
        SUBSCRIBERS.inc()
        try:
            yield self._events(group, subscriber, offsets)
        finally:
            self._subscribers -= 1
            SUBSCRIBERS.dec()
            group.members.discard(subscriber)
            if not group.members:
                self._groups.pop(group.key, None)

    async def _wanted(self, document: DocumentNode, name: str | None, variables: Mapping[str, Any]) -> Wanted:
        context = self._new_context()
        begun: Any = subscribe(
            self._schema._schema,
            document,
            context_value=context,
            variable_values=dict(variables),
            operation_name=name,
        )
        stream = await begun if isawaitable(begun) else begun
        if isinstance(stream, ExecutionResult):
            [error, *_] = errors.shown(stream.errors or [])
            code = (error.extensions or {}).get("code", errors.BAD_USER_INPUT)
            raise Refusal(str(code), error.message, is_well_formed=True)
        assert context.wanted is not None
        return context.wanted

    async def _begin(self, wanted: Wanted) -> list[int] | None:
        """The offsets to go on from; None for now."""
        await self._wait_for([])
        if wanted.after is None:
            return None
        try:
            offsets = places.read(wanted.after, len(self.feed.next_offsets))
        except InvalidCursor as error:
            told = "take `after` from a change, unchanged"
            raise Refusal(errors.BAD_USER_INPUT, told, is_well_formed=True) from error
        await self._wait_for(offsets)
        return offsets

    async def _wait_for(self, offsets: list[int]) -> None:
        """Return when the stream has been read that far. Raises Refusal."""
        try:
            async with asyncio.timeout(CATCH_UP_S):
                await self.feed.has_caught_up.wait()
        except TimeoutError as error:
            raise errors.unavailable("the stream of changes is not there at the moment; try again") from error
        if not await self.feed.reaches(offsets, CATCH_UP_S):
            raise Refusal(errors.UNKNOWN_CURSOR, "this stream has no such place; read anew what you show", 410)

    def _group(self, document: DocumentNode, name: str | None, variables: Mapping[str, Any], wanted: Wanted) -> Group:
        shared = _without_cursor(document, variables, wanted.after)
        key = (id(document), name, json.dumps(shared, sort_keys=True, default=str))
        if key not in self._groups:
            self._groups[key] = Group(key, self._schema, document, name, variables, wanted, self._new_context)
        return self._groups[key]

    async def _events(self, group: Group, subscriber: Subscriber, offsets: list[int] | None) -> AsyncIterator[Event]:
        at = list(self.feed.next_offsets) if offsets is None else offsets
        while at != self.feed.next_offsets:  # nothing comes between this look and the joining below
            end = list(self.feed.next_offsets)
            async for told in replay.changes(self.feed, at, end):
                at = places.furthest(at, told.behind)
                if fits(told.document, group.wanted):
                    yield await group.event(told, tuple(at))
            at = places.furthest(at, end)
        group.members.add(subscriber)
        self._groups.setdefault(group.key, group)
        while True:
            yield await subscriber.next()

    async def _told(self, told: Told) -> None:
        """A change for all who wait for it. Those who join meanwhile have it from the log."""
        listening = [(group, list(group.members)) for group in self._groups.values() if group.members]
        for group, members in listening:
            try:
                if not fits(told.document, group.wanted):
                    continue
                event = await group.event(told, told.behind)
            except Exception:
                log.exception("a change could not be told", offset=told.offset, partition=told.partition)
                continue
            for subscriber in members:
                if subscriber.offer(event):
                    TOLD.inc()
                else:
                    group.members.discard(subscriber)
                    DROPPED.inc()
        await asyncio.sleep(0)  # let them send it before the next one comes

    def _lost(self) -> None:
        self._end_all(Refusal(errors.UNKNOWN_CURSOR, "the stream was made anew; read anew what you show", 410))

    def _end_all(self, reason: Refusal) -> None:
        for group in self._groups.values():
            for subscriber in group.members:
                subscriber.end(reason)
            group.members.clear()


class _Uses(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.counts[node.name.value] = self.counts.get(node.name.value, 0) + 1


def _without_cursor(document: DocumentNode, variables: Mapping[str, Any], after: str | None) -> dict[str, Any]:
    """The variables but the one that brought the cursor, which is each client's own and used nowhere else."""
    if after is None or after not in variables.values():
        return dict(variables)
    uses = _Uses()
    visit(document, uses)
    # One use is its declaration.
    return {name: value for name, value in variables.items() if value != after or uses.counts.get(name, 0) > 2}
