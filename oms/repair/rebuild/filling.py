"""Fills a view from the topics, and keeps following them: each partition in turn, all partitions side by side.

No consumer group and no Faust: positions are the view's own, and what was read and not stored is read again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from chassis import addresses
from chassis.chunks.batch import Batch, position_after
from chassis.chunks.dead_letters import DeadLetters
from chassis.chunks.handling import Handler, handle_safely
from chassis.chunks.reading import decode_records
from chassis.kafka.client import admin, partitions_of, timeout_ms
from contracts.sizes import FETCH_BYTES
from contracts.topics import Topic
from oms.terminal import bad, console

MOST_RECORDS = 2000
"""Of one batch, as the workers have it."""

POLL_MS = 100
LONGEST_FETCH_MS = 20
"""How long the broker may hold a fetch: the client has one at a time, so a quiet partition would hold up a busy one."""

Offsets = Mapping[TopicPartition, int]


class Source(NamedTuple):
    """What becomes of a topic's records."""

    topic: Topic[Any]
    decode: Callable[[bytes], Any]
    handle: Handler


class Sources:
    """Topics and their handlers, by the name of the topic, as a worker's agents would have them."""

    def __init__(self, consumer: str) -> None:
        self.consumer = consumer
        self.by_name: dict[str, Source] = {}

    def reads(self, *topics: Topic[Any], handle: Handler, side_by_side: bool = True) -> None:  # noqa: ARG002
        """Read these topics, and what was set aside of them and put to be read again: all partitions at once."""
        for topic in topics:
            source = Source(topic, topic.decoder(), handle)
            self.by_name |= {topic.name: source, topic.replay: source}


class PassedOver(DeadLetters):
    """Counts what no view can take: the live worker has set it aside already."""

    def __init__(self, consumer: str) -> None:
        self._consumer = consumer
        self.count: Counter[str] = Counter()

    async def set_aside(self, topic: Topic[Any], record: ConsumerRecord, reason: Exception) -> None:  # noqa: ARG002
        """Pass over one record."""
        self.count[topic.name] += 1

    def tell(self) -> None:
        """Say how many there were, if there were any."""
        for topic, count in sorted(self.count.items()):
            console.print(bad(f"{count} records of {topic} cannot be used and were passed over, as the worker did"))


class Filling:
    """A view being filled. `reached` is the offset of each partition up to which all is stored."""

    def __init__(self, consumer: AIOKafkaConsumer, sources: Sources, starts: Offsets, group: asyncio.TaskGroup) -> None:
        self.starts = dict(starts)
        self.reached = dict(starts)
        self.records: Counter[str] = Counter()
        self.passed_over = PassedOver(sources.consumer)
        self._consumer = consumer
        self._sources = sources
        self._moved = asyncio.Condition()
        self._is_ending = False
        self._group = group
        self._readers: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """Read every partition from where it was left, until `end`. Nothing where that goes on already."""
        if all(reader.done() for reader in self._readers):
            self._is_ending = False
            self._readers = [self._group.create_task(self._read(partition)) for partition in self.starts]

    @property
    def read(self) -> int:
        """How many offsets have been passed since the start."""
        return sum(self.reached.values()) - sum(self.starts.values())

    async def until_read(self, offsets: float) -> None:
        """Return when so many offsets have been passed since the start."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.read >= offsets)

    async def until(self, offsets: Offsets) -> None:
        """Return when everything before these offsets is stored."""
        async with self._moved:
            await self._moved.wait_for(lambda: all(self.reached.get(tp, -1) >= end for tp, end in offsets.items()))

    async def end(self) -> None:
        """Finish what is begun, and read no more."""
        self._is_ending = True
        await asyncio.gather(*self._readers)

    async def ends(self) -> dict[TopicPartition, int]:
        """How far each partition goes at this moment."""
        ends: dict[TopicPartition, int] = await self._consumer.end_offsets(list(self.starts))
        return ends

    async def _read(self, partition: TopicPartition) -> None:
        source = self._sources.by_name[partition.topic]
        while not self._is_ending:
            fetched = await self._consumer.getmany(partition, timeout_ms=POLL_MS, max_records=MOST_RECORDS)
            records = fetched.get(partition, ())
            end = await self._consumer.position(partition)
            if records:
                entries = await decode_records(records, source.topic, source.decode, self.passed_over)
                position = position_after(records[-1], max(end, records[-1].offset + 1))
                batch = Batch(source.topic, entries, position)
                await handle_safely(batch, source.handle, self.passed_over)
                self.records[source.topic.name] += len(records)
            if end > self.reached[partition]:
                self.reached[partition] = end
                async with self._moved:
                    self._moved.notify_all()


@asynccontextmanager
async def filling(sources: Sources, stored: Offsets) -> AsyncIterator[Filling]:
    """A filling at work from the `stored` offsets on, or the start. Raises what a reader raises."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=addresses.address("kafka"),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        request_timeout_ms=timeout_ms(),
        fetch_max_wait_ms=LONGEST_FETCH_MS,
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    await consumer.start()
    try:
        async with admin() as client:
            present = set(await client.list_topics())
        partitions = await partitions_of(sorted(sources.by_name.keys() & present))
        consumer.assign(partitions)
        begins = await consumer.beginning_offsets(partitions)
        starts = {partition: stored.get(partition, begin) for partition, begin in begins.items()}
        for partition, offset in starts.items():
            consumer.seek(partition, offset)
        async with asyncio.TaskGroup() as group:
            fill = Filling(consumer, sources, starts, group)
            fill.begin()
            yield fill
            await fill.end()
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    finally:
        await consumer.stop()
