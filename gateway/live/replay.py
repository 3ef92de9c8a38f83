"""What was missed, read once more: from memory when that goes back far enough, from the log when it does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.orders_graph import ORDERS_GRAPH
from gateway.live.change import Told
from gateway.live.feed import Feed, consumer

_reading = asyncio.Semaphore(4)
"""So many read the log at once; all others come back with what is in memory."""


async def changes(feed: Feed, begin: Sequence[int], end: Sequence[int]) -> AsyncIterator[Told]:
    """The changes between two places, those of one partition in their order. Raises KafkaError."""
    if all(at >= floor for at, floor in zip(begin, feed.floor, strict=True)):
        for told in list(feed.recent):
            if begin[told.partition] <= told.offset < end[told.partition]:
                yield told
        # What else is between the places tells no new version.
        return
    async with _reading, consumer() as reader:
        async for told in _from_log(feed, reader, begin, end):
            yield told


async def _from_log(
    feed: Feed, reader: AIOKafkaConsumer, begin: Sequence[int], end: Sequence[int]
) -> AsyncIterator[Told]:
    """The records between the places that told something new when they were first read."""
    at = list(begin)
    missing = [TopicPartition(ORDERS_GRAPH.name, number) for number in range(len(at)) if at[number] < end[number]]
    reader.assign(missing)
    for place in missing:
        reader.seek(place, at[place.partition])
    while any(at[place.partition] < end[place.partition] for place in missing):
        for place, records in (await reader.getmany(timeout_ms=1000)).items():
            number = place.partition
            for record in records:
                at[number] = record.offset + 1
                if record.offset < end[number] and record.value is not None and feed.was_new(number, record.offset):
                    yield Told(number, record.offset, record.value, tuple(at))
        for place in missing:  # compaction may have left nothing before the end
            at[place.partition] = max(at[place.partition], await reader.position(place))
