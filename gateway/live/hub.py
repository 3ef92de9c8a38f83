"""Serves the subscriptions to one log: first the changes that a subscriber missed, then each new change, once."""

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
from gateway.live.change_log import ChangeLog, ChangeRecord
from gateway.live.events import Events, SubscriptionOperation
from gateway.live.feed import Feed
from gateway.live.replay import Replay
from gateway.live.subscribers import Group, Reason, Subscriber
from gateway.operations.operations import Operation
from gateway.shop.context import Context, SubscriptionArguments

SUBSCRIBERS = Gauge("oms_graphql_subscribers", "Active subscriptions", multiprocess_mode="livesum")
DELIVERED = Counter("oms_graphql_changes_delivered_total", "Changes delivered, one for each subscriber")
DROPPED = Counter("oms_graphql_subscribers_dropped_total", "Subscribers that were too slow")

CATCH_UP_TIMEOUT_S = 5.0
"""How long a new subscriber waits for the feed to reach its cursor."""

GROUPS_AT_ONCE = 50
"""The number of groups whose answers are made at the same time."""

GROUP_TIMEOUT_S = 1.0
"""A group whose answer takes longer catches up on its own; the others do not wait for it."""

END_TIMEOUT_S = 2.0
"""How long clients have to receive the last events when the gateway shuts down."""


@dataclass(frozen=True)
class LiveLimits:
    """At most `subscribers` in one process, each with `buffer` events waiting; the versions of `orders` are known."""

    subscribers: int = 10_000
    buffer: int = 100
    orders: int = 1_000_000


class Hub:
    """The subscriptions of one process to one log. Call `close` at the end.

    The log is read from `start` on, or from the first use on.
    """

    def __init__(
        self, log: ChangeLog, schema: GraphQLSchema, limits: LiveLimits, new_context: Callable[[], Context]
    ) -> None:
        self._log = log
        self._schema = schema
        self._limits = limits
        self._new_context = new_context
        self._groups: dict[Hashable, Group] = {}
        self._subscribers: dict[Subscriber, asyncio.Timeout] = {}
        self._subscriber_left = asyncio.Event()
        self._is_ending = False
        self._delivered_until: Sequence[int] = ()
        self._running: set[asyncio.Task[Any]] = set()
        self.feed = Feed(log, self._deliver, self._reset, limits.orders)
        self._replay = Replay(self.feed)

    def start(self) -> None:
        """Start to read the stream."""
        self.feed.start()

    async def end(self) -> None:
        """End all subscriptions and accept no new ones; clients resume elsewhere with their cursors."""
        self._is_ending = True
        self._end_all(_shutting_down)
        try:
            async with asyncio.timeout(END_TIMEOUT_S):
                while self._subscribers:
                    self._subscriber_left.clear()
                    await self._subscriber_left.wait()
        except TimeoutError:
            for deadline in self._subscribers.values():
                deadline.reschedule(asyncio.get_running_loop().time())

    async def close(self) -> None:
        """End all subscriptions and stop reading."""
        await self.end()
        await self.feed.close()
        await tasks.end(*self._running)

    async def cursor(self) -> str:
        """The cursor of the current end of the stream. Raises Refusal."""
        await self._wait_for([])
        return stream_cursor.cursor(self.feed.next_offsets, self._log.tag)

    @asynccontextmanager
    async def subscribe(
        self, operation: Operation, name: str | None, variables: Mapping[str, Any], last_event_id: str | None = None
    ) -> AsyncIterator[Subscriber]:
        """The events of a subscription, while the block runs. Raises Refusal, as do the events.

        `last_event_id` is a cursor that takes precedence over the operation's `after`.
        """
        assert operation.document is not None
        if self._is_ending:
            raise _shutting_down(None)
        if len(self._subscribers) >= self._limits.subscribers:
            raise Refusal(errors.UNAVAILABLE, "too many subscribers; try again", 503)
        subscriber = Subscriber(self._limits.buffer, self._run)
        key = None
        deadline = asyncio.timeout(None)
        try:
            async with deadline:
                self._subscribers[subscriber] = deadline
                SUBSCRIBERS.inc()
                arguments, at = await subscriber.unless_ended(
                    self._start(operation.document, name, variables, last_event_id)
                )
                requested = SubscriptionOperation(operation.document, name, dict(variables), arguments)
                key = requested.key
                if key not in self._groups:
                    self._groups[key] = Group(Events(self._log, requested, self._schema, self._new_context, self._run))
                self._groups[key].subscribers.add(subscriber)
                subscriber.begin(self.feed, self._replay, self._groups[key], at)
                yield subscriber
        except TimeoutError as error:
            if deadline.expired():
                raise _shutting_down(None) from error
            raise
        finally:
            self._leave(subscriber, key)

    def _leave(self, subscriber: Subscriber, key: Hashable) -> None:
        if self._subscribers.pop(subscriber, None) is not None:
            SUBSCRIBERS.dec()
            self._subscriber_left.set()
        if key is not None:
            group = self._groups[key]
            group.members.discard(subscriber)
            group.subscribers.discard(subscriber)
            if not group.subscribers:
                del self._groups[key]

    def _run(self, doing: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(doing)
        self._running.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # marks it as retrieved

    async def _start(
        self, document: DocumentNode, name: str | None, variables: Mapping[str, Any], last_event_id: str | None
    ) -> tuple[SubscriptionArguments, list[int]]:
        """The arguments of the subscription, and its start position. Raises Refusal."""
        arguments = await self._arguments(document, name, variables)
        arguments = replace(arguments, after=last_event_id or arguments.after)
        await self._wait_for([])
        if arguments.after is None:
            return arguments, list(self.feed.next_offsets)
        try:
            offsets = stream_cursor.read(arguments.after, self._log.tag)
        except InvalidCursor as error:
            message = "use a cursor from a change as `after`, unchanged"
            raise Refusal(errors.BAD_USER_INPUT, message, is_well_formed=True) from error
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
            [error, *_] = errors.for_client(stream.errors or [])
            code = (error.extensions or {}).get("code", errors.BAD_USER_INPUT)
            raise Refusal(str(code), error.message, is_well_formed=True)
        assert context.subscription is not None
        return context.subscription

    async def _wait_for(self, offsets: list[int]) -> None:
        """Wait until the feed has read up to these offsets. Raises Refusal."""
        self.feed.start()
        try:
            async with asyncio.timeout(CATCH_UP_TIMEOUT_S):
                await self.feed.has_caught_up.wait()
        except TimeoutError as error:
            raise errors.unavailable("the stream of changes is unavailable; try again") from error
        if await self.feed.reaches(offsets, CATCH_UP_TIMEOUT_S):
            return
        try:
            ends = await self.feed.ends()
        except (KafkaError, LookupError) as error:
            raise errors.unavailable("the stream of changes is unavailable; try again") from error
        if stream_cursor.has_reached(ends, offsets):
            raise errors.unavailable("the stream of changes has not reached this cursor yet; try again")
        raise _unknown("unknown cursor: reload your data, then subscribe again")

    async def _deliver(self, change: ChangeRecord) -> None:
        """Deliver a change to all members. Subscribers that join meanwhile read it from the log."""
        deliveries = [
            (group, list(group.members))
            for group in self._groups.values()
            if group.members and group.events.wants(change)
        ]
        for begin in range(0, len(deliveries), GROUPS_AT_ONCE):
            some = deliveries[begin : begin + GROUPS_AT_ONCE]
            answers = {group.events.event(change, change.next_position): (group, members) for group, members in some}
            await asyncio.wait(answers, timeout=GROUP_TIMEOUT_S)
            for task, (group, members) in answers.items():
                if task.done() and not task.cancelled():
                    for subscriber in members:
                        if subscriber.offer(task.result(), change.next_position):
                            DELIVERED.inc()
                        else:
                            group.members.discard(subscriber)
                            DROPPED.inc()
                else:
                    for subscriber in group.members.intersection(members):
                        group.members.discard(subscriber)
                        subscriber.at = self._position_of(subscriber)
                        subscriber.fall_behind()
        self._delivered_until = change.next_position
        await asyncio.sleep(0)  # Let subscribers send it before the next change.

    def _position_of(self, member: Subscriber) -> list[int]:
        """The position up to which a member has been offered all changes, without the one in delivery."""
        assert member.at is not None
        return stream_cursor.furthest(member.at, self._delivered_until)

    def _reset(self) -> None:
        self._delivered_until = ()
        self._end_all(lambda _: _unknown("the stream was recreated: reload your data, then subscribe again"))

    def _end_all(self, reason: Reason) -> None:
        members = {each for group in self._groups.values() for each in group.members}
        for subscriber in self._subscribers:
            at = self._position_of(subscriber) if subscriber in members else subscriber.at
            subscriber.end(reason, None if at is None else stream_cursor.cursor(at, self._log.tag))
        for group in self._groups.values():
            group.members.clear()


def _shutting_down(cursor: str | None) -> Refusal:
    more: dict[str, Any] = {} if cursor is None else {"cursor": cursor}
    return Refusal(errors.UNAVAILABLE, "the gateway is shutting down; resubscribe with your cursor", 503, **more)


def _unknown(message: str) -> Refusal:
    return Refusal(errors.UNKNOWN_CURSOR, message, 410)
