"""What was missed, read once more by pages: from memory when that goes back far enough, else from the log."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from chassis.kafka import client as kafka
from chassis.kafka.client import records_between
from contracts.orders import ORDERS_GRAPH
from gateway import errors
from gateway.live.feed import Feed
from gateway.live.order_event import Told
from gateway.live.stream_cursor import furthest, has_reached

AT_ONCE = 4
"""So many pages are read from the log at once; who has what is in memory waits for none."""

MOST_CHANGES, MOST_BYTES, MOST_S = 200, 262_144, 5.0
"""At one of these a page ends: a client may take its time with one, and thousands may have one each."""

WITHIN_S = 30.0
"""How long one page may take, with the wait for those before it."""


def reader() -> AbstractAsyncContextManager[AIOKafkaConsumer]:
    """Fetches not much more than a page."""
    return kafka.reader(max_bytes=4 * MOST_BYTES)


class Page(NamedTuple):
    """Changes, those of one partition in their order, and the place behind them: nothing else is before it."""

    changes: deque[Told]
    behind: list[int]


class Replay:
    """Reads again what a feed has read. Nothing is held between two pages: a slow client is in nobody's way."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._reading = asyncio.Semaphore(AT_ONCE)

    async def page(self, begin: Sequence[int], is_wanted: Callable[[Told], bool]) -> Page:
        """The next page of the wanted changes behind a place, up to where the feed is. Raises Refusal."""
        end = list(self._feed.next_offsets)
        if has_reached(begin, self._feed.floor):
            return self._from_memory(begin, end, is_wanted)
        try:
            async with asyncio.timeout(WITHIN_S), self._reading:
                return await self._from_log(furthest(begin, [0] * len(end)), end, is_wanted)
        except (KafkaError, TimeoutError) as error:
            raise errors.unavailable("what you missed cannot be read at the moment; try again") from error

    def _from_memory(self, begin: Sequence[int], end: list[int], is_wanted: Callable[[Told], bool]) -> Page:
        missed: deque[Told] = deque()
        for told in reversed(self._feed.recent):
            if has_reached(begin, told.behind):
                break
            missed.appendleft(told)
        changes: deque[Told] = deque()
        for told in missed:
            if (told.partition >= len(begin) or begin[told.partition] <= told.offset) and is_wanted(told):
                changes.append(told)
                if len(changes) == MOST_CHANGES:
                    return Page(changes, furthest(begin, told.behind))
        # What else is before the end tells no new version.
        return Page(changes, furthest(begin, end))

    async def _from_log(self, begin: list[int], end: list[int], is_wanted: Callable[[Told], bool]) -> Page:
        places = [TopicPartition(ORDERS_GRAPH.name, number) for number in range(len(end))]
        starts, ends = dict(zip(places, begin, strict=False)), dict(zip(places, end, strict=True))
        page = Page(deque(), list(begin))
        async with reader() as consumer:
            try:
                async with asyncio.timeout(MOST_S), aclosing(records_between(consumer, starts, ends)) as records:
                    await self._fill(page, records, is_wanted)
            except TimeoutError:
                if page.behind == begin:
                    raise
                return page
        return page if _is_full(page) else Page(page.changes, furthest(begin, end))

    async def _fill(
        self, page: Page, records: AsyncIterator[ConsumerRecord], is_wanted: Callable[[Told], bool]
    ) -> None:
        async for record in records:
            if record.offset < page.behind[record.partition]:
                raise errors.unavailable("the stream is being made anew; try again")
            page.behind[record.partition] = record.offset + 1
            if record.value is not None and self._feed.was_new(record.partition, record.offset):
                told = Told(record.partition, record.offset, record.value, tuple(page.behind))
                if is_wanted(told):
                    page.changes.append(told)
                    if _is_full(page):
                        return


def _is_full(page: Page) -> bool:
    return len(page.changes) == MOST_CHANGES or sum(told.size for told in page.changes) >= MOST_BYTES
