"""One subscription of one client: what it missed first, then each change as it comes, once, until it ends."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gateway.errors import TOO_SLOW, Refusal
from gateway.live import stream_cursor
from gateway.live.events import Event, Events, Run
from gateway.live.feed import Feed
from gateway.live.order_event import Told
from gateway.live.replay import Replay

Result = TypeVar("Result")

Reason = Callable[[str | None], Refusal]
"""What a subscription ends with, for the cursor to come back with, if there is one."""


@dataclass(eq=False, slots=True)
class Group:
    """The subscribers to one operation with the same variables.

    `members` get each event as it happens; the other `subscribers` are still catching up.
    """

    events: Events
    subscribers: set[Subscriber] = field(default_factory=set)
    members: set[Subscriber] = field(default_factory=set)


def too_slow(cursor: str | None) -> Refusal:
    """The end of one whose buffer is full."""
    told = "you took too long with what came, and were left out; come back with the cursor"
    return Refusal(TOO_SLOW, told, 429, cursor=cursor)


class Subscriber:
    """An iterator of events. To be cancelled while it waits for the next one loses nothing.

    `at` is how far it has been told or offered all there is. While it catches up it reads what it missed; then it is a
    member of its group, to which events are offered, of which `most` may wait.
    """

    def __init__(self, most: int, run: Run) -> None:
        self.at: Sequence[int] | None = None
        self._is_member = False
        self._most = most
        self._run = run
        self._missed: deque[Told] = deque()
        self._behind_missed: list[int] | None = None
        self._waiting: deque[Event] = deque()
        self._has_news = asyncio.Event()
        self._end: Refusal | None = None
        self._has_ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._last: str | None = None

    def begin(self, feed: Feed, replay: Replay, group: Group, at: Sequence[int]) -> None:
        """Go on from a place."""
        self.at, self._feed, self._replay, self._group = at, feed, replay, group
        self._last = stream_cursor.cursor(at)

    def offer(self, event: Event, behind: Sequence[int]) -> bool:
        """Keep an event to be sent. False when the buffer is full: then this subscriber is at its end."""
        if self._end is not None:
            return True  # it comes back for it
        if len(self._waiting) >= self._most:
            self._waiting.clear()
            self.end(too_slow, self._last)
            return False
        self._waiting.append(event)
        self.at = behind
        self._has_news.set()
        return True

    def fall_behind(self) -> None:
        """Be no member any more, and catch up once what waits is sent."""
        self._is_member = False
        self._has_news.set()

    def end(self, reason: Reason, cursor: str | None) -> None:
        """Raise this once what waits is sent."""
        if self._end is None:
            self._end = reason(cursor)
            self._has_news.set()
            self._has_ended.set_result(None)

    async def unless_ended(self, doing: Coroutine[Any, Any, Result]) -> Result:
        """What comes of it. Raises the reason when this ends sooner; then nobody waits for it any more."""
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
            elif self._behind_missed is not None:
                self.at, self._behind_missed = self._behind_missed, None
            elif stream_cursor.has_reached(self.at, self._feed.next_offsets):
                self._group.members.add(self)  # nothing comes between this look and the joining
                self._is_member = True
            else:
                page = await self.unless_ended(self._replay.page(self.at, self._group.events.wants))
                self._missed, self._behind_missed = page.changes, page.behind

    async def _missed_event(self, told: Told) -> Event:
        assert self.at is not None
        behind = stream_cursor.furthest(self.at, told.behind)
        event = await self._or_end(self._group.events.event(told, tuple(behind)), is_shared=True)
        self._missed.popleft()
        self.at, self._last = behind, event.cursor
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
