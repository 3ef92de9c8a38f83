"""Reads missed changes in pages: from memory when it goes back far enough, otherwise from the log."""

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
from gateway import errors
from gateway.live.change_log import ChangeRecord
from gateway.live.feed import Feed
from gateway.live.stream_cursor import furthest, has_reached

CONCURRENT_READS = 4
"""The number of pages that are read from the log at the same time. Pages from memory do not wait."""

MAX_CHANGES, MAX_BYTES, MAX_S = 200, 262_144, 5.0
"""A page ends at any of these limits; thousands of clients may hold one page each."""

PAGE_TIMEOUT_S = 30.0
"""How long one page may take, including the wait for others."""


def reader() -> AbstractAsyncContextManager[AIOKafkaConsumer]:
    """A consumer that fetches little more than one page."""
    return kafka.reader(max_bytes=4 * MAX_BYTES)


class Page(NamedTuple):
    """Changes, in order within each partition, and the position after them; nothing before it is missing."""

    changes: deque[ChangeRecord]
    next_position: list[int]


class Replay:
    """Reads again what a feed has read. Holds nothing between two pages, so slow clients block no others."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._reading = asyncio.Semaphore(CONCURRENT_READS)

    async def page(self, begin: Sequence[int], is_requested: Callable[[ChangeRecord], bool]) -> Page:
        """The next page of the requested changes after a position, up to the feed's position. Raises Refusal."""
        end = list(self._feed.next_offsets)
        if has_reached(begin, self._feed.floor):
            return self._from_memory(begin, end, is_requested)
        try:
            async with asyncio.timeout(PAGE_TIMEOUT_S), self._reading:
                return await self._from_log(furthest(begin, [0] * len(end)), end, is_requested)
        except (KafkaError, TimeoutError) as error:
            raise errors.unavailable("missed changes cannot be read at the moment; try again") from error

    def _from_memory(self, begin: Sequence[int], end: list[int], is_requested: Callable[[ChangeRecord], bool]) -> Page:
        missed: deque[ChangeRecord] = deque()
        for change in reversed(self._feed.recent):
            if has_reached(begin, change.next_position):
                break
            missed.appendleft(change)
        changes: deque[ChangeRecord] = deque()
        for change in missed:
            if (change.partition >= len(begin) or begin[change.partition] <= change.offset) and is_requested(change):
                changes.append(change)
                if len(changes) == MAX_CHANGES:
                    return Page(changes, furthest(begin, change.next_position))
        # Other records before the end hold no new version.
        return Page(changes, furthest(begin, end))

    async def _from_log(self, begin: list[int], end: list[int], is_requested: Callable[[ChangeRecord], bool]) -> Page:
        places = [TopicPartition(self._feed.log.topic, number) for number in range(len(end))]
        starts, ends = dict(zip(places, begin, strict=False)), dict(zip(places, end, strict=True))
        page = Page(deque(), list(begin))
        async with reader() as consumer:
            try:
                async with asyncio.timeout(MAX_S), aclosing(records_between(consumer, starts, ends)) as records:
                    await self._fill(page, records, is_requested)
            except TimeoutError:
                if page.next_position == begin:
                    raise
                return page
        return page if _is_full(page) else Page(page.changes, furthest(begin, end))

    async def _fill(
        self, page: Page, records: AsyncIterator[ConsumerRecord], is_requested: Callable[[ChangeRecord], bool]
    ) -> None:
        async for record in records:
            if record.offset < page.next_position[record.partition]:
                raise errors.unavailable("the stream is being recreated; try again")
            page.next_position[record.partition] = record.offset + 1
            if record.value is not None and self._feed.was_new(record.partition, record.offset):
                position, decode = tuple(page.next_position), self._feed.log.decode
                change = ChangeRecord(record.partition, record.offset, record.value, position, decode)
                if is_requested(change):
                    page.changes.append(change)
                    if _is_full(page):
                        return


def _is_full(page: Page) -> bool:
    return len(page.changes) == MAX_CHANGES or sum(change.size for change in page.changes) >= MAX_BYTES
