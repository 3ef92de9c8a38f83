"""Where subscribers meet the stream of changes: what they missed first, then each change as it comes, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Hashable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from inspect import isawaitable
from typing import Any

from aiokafka.errors import KafkaError
from graphql import DocumentNode, ExecutionResult, GraphQLSchema, subscribe
from prometheus_client import Counter, Gauge

from chassis import tasks
from chassis.rest.cursors import InvalidCursor
from gateway import errors
from gateway.errors import Refusal
from gateway.live import stream_cursor
from gateway.live.events import Events, SubscriptionOperation
from gateway.live.feed import Feed
from gateway.live.order_event import Told
from gateway.live.replay import Replay
from gateway.live.subscribers import Group, Reason, Subscriber
from gateway.operations.operations import Operation
from gateway.shop.context import Context, SubscriptionArguments

SUBSCRIBERS = Gauge("oms_graphql_subscribers", "Subscriptions that are served at the moment")
TOLD = Counter("oms_graphql_changes_told_total", "Changes of orders that subscribers were told, one for each of them")
DROPPED = Counter("oms_graphql_subscribers_dropped_total", "Subscribers who were too slow")

CATCH_UP_S = 5.0
"""How long a subscriber waits for the stream itself to be read that far."""

GROUPS_AT_ONCE = 50
"""The answers of so many groups are made at once."""

PATIENCE_S = 1.0
"""A group whose answer takes longer, since a store is slow, catches up by itself: the others are told meanwhile."""

END_WITHIN_S = 2.0
"""How long clients have to take what they are told at the end of the gateway."""


@dataclass(frozen=True)
class LiveLimits:
    """At most `subscribers` in one process, each with `buffer` events that wait; versions are known of `orders`."""

    subscribers: int = 10_000
    buffer: int = 100
    orders: int = 1_000_000


class Hub:
    """The subscriptions of one process. `start` it before it is used, and `close` it in the end."""

    def __init__(self, schema: GraphQLSchema, limits: LiveLimits, new_context: Callable[[], Context]) -> None:
        self._schema = schema
        self._limits = limits
        self._new_context = new_context
        self._groups: dict[Hashable, Group] = {}
        self._subscribers: dict[Subscriber, asyncio.Timeout] = {}
        self._has_left = asyncio.Event()
        self._is_ending = False
        self._told_until: Sequence[int] = ()
        self._running: set[asyncio.Task[Any]] = set()
        self.feed = Feed(self._told, self._lost, limits.orders)
        self._replay = Replay(self.feed)

    def start(self) -> None:
        """Read the stream from now on."""
        self.feed.start()

    async def end(self) -> None:
        """End all subscriptions, and begin no more: their clients come back with their cursors."""
        self._is_ending = True
        self._end_all(_stopping)
        try:
            async with asyncio.timeout(END_WITHIN_S):
                while self._subscribers:
                    self._has_left.clear()
                    await self._has_left.wait()
        except TimeoutError:
            for deadline in self._subscribers.values():
                deadline.reschedule(asyncio.get_running_loop().time())

    async def close(self) -> None:
        """End all subscriptions, and read no more."""
        await self.end()
        await self.feed.close()
        await tasks.end(*self._running)

    async def cursor(self) -> str:
        """The place of now. Raises Refusal."""
        await self._wait_for([])
        return stream_cursor.cursor(self.feed.next_offsets)

    @asynccontextmanager
    async def subscribed(
        self, operation: Operation, name: str | None, variables: Mapping[str, Any], seen: str | None = None
    ) -> AsyncIterator[Subscriber]:
        """The events of a subscription, for as long as the block runs. Raises Refusal; so do the events.

        A cursor that was `seen` counts instead of the operation's `after`.
        """
        assert operation.document is not None
        if self._is_ending:
            raise _stopping(None)
        if len(self._subscribers) >= self._limits.subscribers:
            raise Refusal(errors.UNAVAILABLE, "there are too many subscribers at the moment; try again", 503)
        subscriber = Subscriber(self._limits.buffer, self._run)
        key = None
        deadline = asyncio.timeout(None)
        try:
            async with deadline:
                self._subscribers[subscriber] = deadline
                SUBSCRIBERS.inc()
                arguments, at = await subscriber.unless_ended(self._begun(operation.document, name, variables, seen))
                requested = SubscriptionOperation(operation.document, name, dict(variables), arguments)
                key = requested.key
                if key not in self._groups:
                    self._groups[key] = Group(Events(requested, self._schema, self._new_context, self._run))
                self._groups[key].subscribers.add(subscriber)
                subscriber.begin(self.feed, self._replay, self._groups[key], at)
                yield subscriber
        except TimeoutError as error:
            if deadline.expired():
                raise _stopping(None) from error
            raise
        finally:
            self._leave(subscriber, key)

    def _leave(self, subscriber: Subscriber, key: Hashable) -> None:
        if self._subscribers.pop(subscriber, None) is not None:
            SUBSCRIBERS.dec()
            self._has_left.set()
        if key is not None:
            group = self._groups[key]
            group.members.discard(subscriber)
            group.subscribers.discard(subscriber)
            if not group.subscribers:
                del self._groups[key]

    def _run(self, doing: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(doing)
        self._running.add(task)
        task.add_done_callback(self._ran)
        return task

    def _ran(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # which nobody may wait for any more

    async def _begun(
        self, document: DocumentNode, name: str | None, variables: Mapping[str, Any], seen: str | None
    ) -> tuple[SubscriptionArguments, list[int]]:
        """What is asked for, and the place to go on from. Raises Refusal."""
        arguments = await self._arguments(document, name, variables)
        arguments = replace(arguments, after=seen or arguments.after)
        await self._wait_for([])
        if arguments.after is None:
            return arguments, list(self.feed.next_offsets)
        try:
            offsets = stream_cursor.read(arguments.after)
        except InvalidCursor as error:
            told = "take `after` from a change, unchanged"
            raise Refusal(errors.BAD_USER_INPUT, told, is_well_formed=True) from error
        await self._wait_for(offsets)
        return arguments, offsets

    async def _arguments(
        self, document: DocumentNode, name: str | None, variables: Mapping[str, Any]
    ) -> SubscriptionArguments:
        context = self._new_context()
        begun: Any = subscribe(
            self._schema,
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
        assert context.subscription is not None
        return context.subscription

    async def _wait_for(self, offsets: list[int]) -> None:
        """Return when the stream has been read that far. Raises Refusal."""
        try:
            async with asyncio.timeout(CATCH_UP_S):
                await self.feed.has_caught_up.wait()
        except TimeoutError as error:
            raise errors.unavailable("the stream of changes is not there at the moment; try again") from error
        if await self.feed.reaches(offsets, CATCH_UP_S):
            return
        try:
            ends = await self.feed.ends()
        except (KafkaError, LookupError) as error:
            raise errors.unavailable("the stream of changes is not there at the moment; try again") from error
        if stream_cursor.has_reached(ends, offsets):
            raise errors.unavailable("the stream of changes is not read that far yet; try again")
        raise _unknown("this stream has no such place; read anew what you show")

    async def _told(self, told: Told) -> None:
        """A change for all who wait for it. Those who join meanwhile have it from the log."""
        wanting = [
            (group, list(group.members))
            for group in self._groups.values()
            if group.members and group.events.wants(told)
        ]
        for begin in range(0, len(wanting), GROUPS_AT_ONCE):
            some = wanting[begin : begin + GROUPS_AT_ONCE]
            making = {group.events.event(told, told.behind): (group, members) for group, members in some}
            await asyncio.wait(making, timeout=PATIENCE_S)
            for task, (group, members) in making.items():
                if task.done() and not task.cancelled():
                    for subscriber in members:
                        if subscriber.offer(task.result(), told.behind):
                            TOLD.inc()
                        else:
                            group.members.discard(subscriber)
                            DROPPED.inc()
                else:
                    for subscriber in group.members.intersection(members):
                        group.members.discard(subscriber)
                        subscriber.at = self._place_of(subscriber)
                        subscriber.fall_behind()
        self._told_until = told.behind
        await asyncio.sleep(0)  # let them send it before the next one comes

    def _place_of(self, member: Subscriber) -> list[int]:
        """How far a member has been offered all there is: no further than what is being told."""
        assert member.at is not None
        return stream_cursor.furthest(member.at, self._told_until)

    def _lost(self) -> None:
        self._told_until = ()
        self._end_all(lambda _: _unknown("the stream was made anew; read anew what you show"))

    def _end_all(self, reason: Reason) -> None:
        members = {each for group in self._groups.values() for each in group.members}
        for subscriber in self._subscribers:
            at = self._place_of(subscriber) if subscriber in members else subscriber.at
            subscriber.end(reason, None if at is None else stream_cursor.cursor(at))
        for group in self._groups.values():
            group.members.clear()


def _stopping(cursor: str | None) -> Refusal:
    more: dict[str, Any] = {} if cursor is None else {"cursor": cursor}
    return Refusal(errors.UNAVAILABLE, "the gateway is being stopped; come back with your cursor", 503, **more)


def _unknown(told: str) -> Refusal:
    return Refusal(errors.UNKNOWN_CURSOR, told, 410)
