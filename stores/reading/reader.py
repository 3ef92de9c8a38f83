"""Reads the topics of one store: of each the one partition of its key, without a consumer group.

A thousand stores in groups would be a thousand coordinators. The offsets are in the store's own database, in the
transaction of the answers. Topics to which partitions were added may have older records of the key in another
partition, so partitions that were read before are still read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from time import monotonic
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from faust.types import TP
from prometheus_client import Gauge

from chassis.chunks.batch import Batch
from chassis.chunks.chunk import Chunk
from chassis.chunks.handling import Handler
from chassis.chunks.reading import each_chunk
from chassis.databases.mysql import Database
from chassis.kafka.client import partitions_of, reader
from chassis.kafka.partitions import partition_of
from chassis.logs import logger
from chassis.retrying import attempts
from contracts.inventory.reservations import RESERVATION
from contracts.topics import Topic
from stores.reading import positions
from stores.reading.dead_letters import DeadLetters

log = logger(__name__)

BATCH = 500
"""The maximum number of records in one transaction."""

POLL_MS = 500
MAX_WAIT_MS = 20
SKIPPED_EVERY_S = 1.0
"""How often positions after records of other stores are stored; they would be skipped again."""

CHECK_EVERY_S = 5.0
METADATA_MAX_AGE_MS = 30_000
"""How soon a new partition is noticed."""

UNANSWERED = Gauge("oms_store_unread_records", "Records in the partitions of the store that it has not read", ["store"])
READING = Gauge("oms_store_reads_reservations", "Whether the topics of the store can be read", ["store"])


class PartitionMoved(Exception):
    """A topic has another number of partitions, so that the store's key may be in another one."""


class Reader:
    """Lets the handlers of topics, which are keyed by store, process the records of one store until it is cancelled.

    A handler stores the position of its batch. `reason` says why the topics cannot be read, or is empty.
    """

    def __init__(self, database: Database, store_id: str, handlers: Mapping[Topic[Any], Handler]) -> None:
        self.reason = "not started"
        self._database = database
        self._store_id = store_id
        self._key = record_key(store_id)
        self._handlers = {topic.name: handle for topic, handle in handlers.items()}
        self._topics = [*handlers]
        self._dead_letters = DeadLetters()

    def degraded(self) -> Mapping[str, str]:
        """What does not work while the store sells, for `/health/ready`."""
        return {"reservations": self.reason} if self.reason else {}

    async def run(self) -> None:
        """Read for ever; after an error, from the stored positions."""
        while True:
            async for _ in attempts():
                try:
                    await self._follow()
                except Exception as error:
                    self._note(f"{type(error).__name__}: {error}")

    def _note(self, reason: str) -> None:
        if reason and reason != self.reason:
            log.warning("reservations cannot be read, retrying", reason=reason)
        elif self.reason and not reason:
            log.info("reservations are read")
        self.reason = reason
        READING.labels(self._store_id).set(not reason)

    async def _follow(self) -> None:
        """Read from the stored positions. Raises KafkaError, Unavailable and PartitionMoved."""
        counts = await _partition_counts(self._topics)
        own = {(name, partition_of(self._key, count)) for name, count in counts.items()}
        async with self._database.transaction() as tx:
            stored = await positions.read(tx)
            for topic, number in own - stored.keys():  # so that it is read to its end, if the key moves to another one
                positions.store(tx, topic, number, 0)
        former = {(name, number) for name, number in stored if number < counts.get(name, 0)}
        async with reader(metadata_max_age_ms=METADATA_MAX_AGE_MS, max_wait_ms=MAX_WAIT_MS) as consumer:
            partitions = [TopicPartition(*each) for each in sorted(own | former)]
            consumer.assign(partitions)
            for partition in partitions:
                if (offset := stored.get((partition.topic, partition.partition))) is not None:
                    consumer.seek(partition, offset)
            watching = asyncio.create_task(self._watch(consumer, partitions, counts))
            handling = asyncio.create_task(self._handle(consumer))
            try:
                done, _ = await asyncio.wait({watching, handling}, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                for task in (watching, handling):
                    task.cancel()
                await asyncio.gather(watching, handling, return_exceptions=True)

    async def _handle(self, consumer: AIOKafkaConsumer) -> None:
        async with aclosing(self._chunks(consumer)) as chunks:
            await each_chunk(chunks, topics=self._topics, handle=self._process, dead_letters=self._dead_letters)

    async def _process(self, batch: Batch) -> None:
        await self._handlers[batch.topic.name](batch)

    async def _chunks(self, consumer: AIOKafkaConsumer) -> AsyncGenerator[Chunk]:
        """The records of this store, by fetch. The records of others are skipped without being decoded."""
        skipped: dict[TopicPartition, int] = {}
        stored_at = monotonic()
        while True:
            fetched = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH)
            for partition, records in fetched.items():
                end = skipped[partition] = records[-1].offset + 1
                if own := [record for record in records if record.key == self._key]:
                    yield Chunk(TP(partition.topic, partition.partition), own, end, _Owner())
                    del skipped[partition]  # stored with the answers
            if skipped and monotonic() - stored_at > SKIPPED_EVERY_S:
                stored_at = monotonic()
                await self._store(skipped)
                skipped.clear()

    async def _store(self, offsets: Mapping[TopicPartition, int]) -> None:
        async with self._database.transaction() as tx:
            for partition, end in offsets.items():
                positions.store(tx, partition.topic, partition.partition, end)

    async def _watch(
        self, consumer: AIOKafkaConsumer, partitions: list[TopicPartition], counts: Mapping[str, int]
    ) -> None:
        """Check whether the broker responds, how much is unread, and the number of partitions."""
        while True:
            try:
                ends = await consumer.end_offsets(partitions)
                unread = [end - await consumer.position(partition) for partition, end in ends.items()]
            except Exception as error:
                self._note(f"{type(error).__name__}: {error}")
            else:
                UNANSWERED.labels(self._store_id).set(sum(unread))
                self._note("")
            for topic in self._topics:
                if len(consumer.partitions_for_topic(topic.name) or ()) not in (0, counts[topic.name]):
                    raise PartitionMoved(topic.name)
            await asyncio.sleep(CHECK_EVERY_S)


class _Owner:
    """The position of a chunk is stored with its answers, so there is nothing to acknowledge."""

    def chunk_done(self, chunk: Chunk) -> None:
        pass

    def is_in_flight(self, chunk: Chunk) -> bool:
        return not chunk.is_done


async def _partition_counts(topics: Iterable[Topic[Any]]) -> dict[str, int]:
    """The number of partitions by topic, replays included. Raises KafkaError, and LookupError for a missing topic."""
    counts: dict[str, int] = {}
    for topic in topics:
        count = len(await partitions_of([topic.name]))
        if not count:
            raise LookupError(f"topic {topic.name} does not exist")
        counts |= {topic.name: count, topic.replay: count}
    return counts


def record_key(store_id: str) -> bytes:
    """The key of a store's records, byte for byte: the partition is computed from it."""
    return b'{"%s":"%s"}' % (RESERVATION.key.encode(), store_id.encode())
