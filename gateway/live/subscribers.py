"""One subscription of one client: first the changes that it missed, then each new change, once, until it ends."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gateway.errors import TOO_SLOW, Refusal
from gateway.live import stream_cursor
from gateway.live.change_log import ChangeRecord
from gateway.live.events import Event, Events, Run
from gateway.live.feed import Feed
from gateway.live.replay import Replay

Result = TypeVar("Result")

Reason = Callable[[str | None], Refusal]
"""Makes the exception that a subscription ends with, given the cursor to resume from, if there is one."""


@dataclass(eq=False, slots=True)
class Group:
    """The subscribers to one operation with the same variables.

    `members` get each event as it happens; the other `subscribers` are still catching up.
    """

    events: Events
    subscribers: set[Subscriber] = field(default_factory=set)
    members: set[Subscriber] = field(default_factory=set)


def too_slow(cursor: str | None) -> Refusal:
    """The end of a subscriber whose buffer is full."""
    message = "client too slow: subscription closed; resubscribe with extensions.cursor"
    return Refusal(TOO_SLOW, message, 429, cursor=cursor)


class Subscriber:
    """An iterator of events. Cancelling a wait for the next event loses nothing.

    `at` is the position up to which it has received, or been offered, all changes. It first reads what it missed, then
    becomes a member of its group, which offers it events; at most `most` of them may wait.
    """

    def __init__(self, most: int, run: Run) -> None:
        self.at: Sequence[int] | None = None
        self._is_member = False
        self._most = most
        self._run = run
        self._missed: deque[ChangeRecord] = deque()
        self._position_after_missed: list[int] | None = None
        self._waiting: deque[Event] = deque()
        self._has_news = asyncio.Event()
        self._end: Refusal | None = None
        self._has_ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._last: str | None = None

    def begin(self, feed: Feed, replay: Replay, group: Group, at: Sequence[int]) -> None:
        """Begin at a position."""
        self.at, self._feed, self._replay, self._group = at, feed, replay, group
        self._last = stream_cursor.cursor(at, feed.log.tag)

    def offer(self, event: Event, next_position: Sequence[int]) -> bool:
        """Queue an event. False when the buffer is full, which ends the subscription."""
        if self._end is not None:
            return True  # it receives the event after it resumes
        if len(self._waiting) >= self._most:
            self._waiting.clear()
            self.end(too_slow, self._last)
            return False
        self._waiting.append(event)
        self.at = next_position
        self._has_news.set()
        return True

    def fall_behind(self) -> None:
        """Leave the group, and catch up once the queued events are sent."""
        self._is_member = False
        self._has_news.set()

    def end(self, reason: Reason, cursor: str | None) -> None:
        """Raise this once the queued events are sent."""
        if self._end is None:
            self._end = reason(cursor)
            self._has_news.set()
            self._has_ended.set_result(None)

    async def unless_ended(self, doing: Coroutine[Any, Any, Result]) -> Result:
        """The result of a coroutine. Raises the reason when the subscription ends first, and abandons the coroutine."""
        return await self._or_end(self._run(doing))

    def __aiter__(self) -> Subscriber:
        return self

    async def __anext__(self) -> Event:
        """The next event. Raises Refusal when the subscription ends."""
        assert self.at is not None
        while True:
            if self._waiting:
                event = self._waiting.popleft()
                self._last = event.cursor
                return event
            if self._end is not None:
                raise self._end
            if self._is_member:
                self._has_news.clear()
                await self._has_news.wait()
            elif self._missed:
                return await self._missed_event(self._missed[0])
            elif self._position_after_missed is not None:
                self.at, self._position_after_missed = self._position_after_missed, None
            elif stream_cursor.has_reached(self.at, self._feed.next_offsets):
                self._group.members.add(self)  # no event can come between the check and this line
                self._is_member = True
            else:
                page = await self.unless_ended(self._replay.page(self.at, self._group.events.wants))
                self._missed, self._position_after_missed = page.changes, page.next_position

    async def _missed_event(self, change: ChangeRecord) -> Event:
        assert self.at is not None
        next_position = stream_cursor.furthest(self.at, change.next_position)
        event = await self._or_end(self._group.events.event(change, tuple(next_position)), is_shared=True)
        self._missed.popleft()
        self.at, self._last = next_position, event.cursor
        return event

    async def _or_end(self, task: asyncio.Task[Result], *, is_shared: bool = False) -> Result:
        waited_for: set[Awaitable[Any]] = {task, self._has_ended}
        try:
            await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)  # type: ignore[type-var]
        finally:
            if not task.done() and not is_shared:
                task.cancel()
        if task.done():
            return task.result()
        assert self._end is not None
        raise self._end
