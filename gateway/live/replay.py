"""What was missed, read once more: from memory when that goes back far enough, from the log when it does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from aiokafka import TopicPartition

from chassis.kafka import reader, records_between
from contracts.orders_graph import ORDERS_GRAPH
from gateway.live.change import Told
from gateway.live.feed import Feed

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
    places = [TopicPartition(ORDERS_GRAPH.name, number) for number in range(len(begin))]
    starts, ends, at = dict(zip(places, begin, strict=True)), dict(zip(places, end, strict=True)), list(begin)
    async with _reading, reader() as consumer:
        async for record in records_between(consumer, starts, ends):
            at[record.partition] = record.offset + 1
            if record.value is not None and feed.was_new(record.partition, record.offset):
                yield Told(record.partition, record.offset, record.value, tuple(at))
