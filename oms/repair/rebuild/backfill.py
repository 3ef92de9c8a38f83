"""Fills a view from the topics and follows them: each partition in order, all partition numbers concurrently.

It uses no consumer group and no Faust: the view stores its own offsets, and records not stored are read again.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from chassis import addresses
from chassis.chunks.batch import Batch, position_after
from chassis.chunks.chunk import Chunk
from chassis.chunks.dead_letters import DeadLetters
from chassis.chunks.handling import Handler, handle_safely
from chassis.chunks.reading import decode_records
from chassis.consumer import Consumer
from chassis.kafka.client import admin, partitions_of, timeout_ms
from contracts.sizes import FETCH_BYTES
from contracts.topics import Topic
from oms.repair.rebuild.waiting import Waiting
from oms.terminal import bad, console

MAX_FETCH_WAIT_MS = 20
"""How long the broker may hold a fetch: the client sends one at a time, so an idle partition would delay a busy one."""

Offsets = Mapping[TopicPartition, int]


class Source(NamedTuple):
    """A topic, its decoder and its handler."""

    topic: Topic[Any]
    decode: Callable[[bytes], Any]
    handle: Handler


class Sources:
    """Topics and their handlers by topic name, registered as by the agents of a worker."""

    def __init__(self, consumer: str) -> None:
        self.consumer = consumer
        self.by_name: dict[str, Source] = {}

    def reads(self, *topics: Topic[Any], handle: Handler, side_by_side: bool = True) -> None:  # noqa: ARG002
        """Register these topics and their replay topics; all partitions are read concurrently."""
        for topic in topics:
            source = Source(topic, topic.decoder(), handle)
            self.by_name |= {topic.name: source, topic.replay: source}


class SkippedRecords(DeadLetters):
    """Counts records that cannot be processed: the live worker has already made dead letters of them."""

    def __init__(self, consumer: str) -> None:
        self._consumer = consumer
        self.count: Counter[str] = Counter()

    async def set_aside(self, topic: Topic[Any], record: ConsumerRecord, reason: Exception) -> None:  # noqa: ARG002
        """Count one record."""
        self.count[topic.name] += 1

    def report(self) -> None:
        """Print the number of skipped records per topic, if any."""
        for topic, count in sorted(self.count.items()):
            console.print(bad(f"{count} records of {topic} were skipped: they are dead letters of the worker"))


class Backfill:
    """The backfill of a view. `reached` is the offset of each partition before which all records are stored."""

    def __init__(self, consumer: AIOKafkaConsumer, sources: Sources, starts: Offsets, group: asyncio.TaskGroup) -> None:
        self.starts = dict(starts)
        self.reached = dict(starts)
        self.records: Counter[str] = Counter()
        self.skipped = SkippedRecords(sources.consumer)
        self._consumer = consumer
        self._sources = sources
        self._moved = asyncio.Condition()
        self._is_ending = False
        self._group = group
        self._readers: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """Read every partition from its last offset until `end` is called. Does nothing if it is running."""
        if all(reader.done() for reader in self._readers):
            self._is_ending = False
            together: defaultdict[tuple[Handler, bool, int], list[TopicPartition]] = defaultdict(list)
            for partition in self.starts:
                source = self._sources.by_name[partition.topic]
                is_replay = partition.topic == source.topic.replay
                together[source.handle, is_replay, partition.partition].append(partition)
            self._readers = [self._group.create_task(self._read(partitions)) for partitions in together.values()]

    @property
    def read(self) -> int:
        """The number of offsets read since the start."""
        return sum(self.reached.values()) - sum(self.starts.values())

    async def until_read(self, offsets: float) -> None:
        """Return once so many offsets are read since the start."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.read >= offsets)

    async def until(self, offsets: Offsets) -> None:
        """Return once every record before these offsets is stored."""
        async with self._moved:
            await self._moved.wait_for(lambda: all(self.reached.get(tp, -1) >= end for tp, end in offsets.items()))

    async def end(self) -> None:
        """Finish the current batches, and stop reading."""
        self._is_ending = True
        await asyncio.gather(*self._readers)

    async def ends(self) -> dict[TopicPartition, int]:
        """The current end offset of each partition."""
        ends: dict[TopicPartition, int] = await self._consumer.end_offsets(list(self.starts))
        return ends

    async def _read(self, partitions: Sequence[TopicPartition]) -> None:
        """Read partitions of one number, whose topics have one handler: an order is written with its lines."""
        waiting = Waiting(self._consumer, {partition: self.reached[partition] for partition in partitions})
        while not self._is_ending:
            await self._store(await waiting.next_groups())
            if any(offset > self.reached[partition] for partition, offset in waiting.reached.items()):
                self.reached |= waiting.reached
                async with self._moved:
                    self._moved.notify_all()
        waiting.give_back()

    async def _store(self, groups: Sequence[Sequence[Chunk]]) -> None:
        batch: Batch | None = None
        for chunks in groups:
            source = self._sources.by_name[chunks[0].partition.topic]
            records = [record for chunk in chunks for record in chunk.records]
            entries = await decode_records(records, source.topic, source.decode, self.skipped)
            batch = Batch(source.topic, entries, position_after(records[-1], chunks[-1].end), batch)
        if batch is None:
            return
        await handle_safely(batch, source.handle, self.skipped)
        for chunks in groups:
            topic = self._sources.by_name[chunks[0].partition.topic].topic
            self.records[topic.name] += sum(map(len, chunks))


@asynccontextmanager
async def backfill(sources: Sources, stored: Offsets) -> AsyncIterator[Backfill]:
    """A running backfill from the `stored` offsets, or the start. Raises the errors of its handlers."""
    consumer = Consumer(
        bootstrap_servers=addresses.address("kafka"),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        request_timeout_ms=timeout_ms(),
        fetch_max_wait_ms=MAX_FETCH_WAIT_MS,
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
            fill = Backfill(consumer, sources, starts, group)
            fill.begin()
            yield fill
            await fill.end()
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    finally:
        await consumer.stop()
