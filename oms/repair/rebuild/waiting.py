"""The records that a backfill has fetched of partitions with one number, and not yet stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.chunks.aligning import Lane
from chassis.chunks.chunk import Chunk

MAX_RECORDS = 2000
"""Records of one topic in a batch, as in the workers."""

POLL_MS = 100


class Waiting:
    """Fetches the partitions of which nothing is left, and hands out records of all topics up to the same time.

    `reached` is the offset of each partition before which all records were taken.
    """

    def __init__(self, consumer: AIOKafkaConsumer, reached: Mapping[TopicPartition, int]) -> None:
        self.reached = dict(reached)
        self._consumer = consumer
        self._lane = Lane()
        self._left: Counter[TopicPartition] = Counter()
        self._with_more: set[TopicPartition] = set()

    async def next_groups(self) -> list[list[Chunk]]:
        """The next records, a group for each topic. Empty if none came within `POLL_MS`."""
        for partition in self.reached:
            if not self._left[partition]:
                await self._fetch(partition)
        groups = self._lane.take(MAX_RECORDS)
        if not groups and self._lane.has_chunks():
            for partition in list(self._with_more):
                await self._fetch(partition)
            groups = self._lane.take(MAX_RECORDS)
        if not groups and self._lane.has_chunks():
            self._lane.wait_no_longer()
            groups = self._lane.take(MAX_RECORDS)
        for group in groups:
            partition = TopicPartition(*group[0].partition)
            self._left[partition] -= sum(len(chunk) for chunk in group)
            self.reached[partition] = group[-1].end
        return groups

    async def _fetch(self, partition: TopicPartition) -> None:
        fetched = await self._consumer.getmany(partition, timeout_ms=POLL_MS, max_records=MAX_RECORDS)
        records = fetched.get(partition, ())
        position: int = await self._consumer.position(partition)
        self._with_more.discard(partition)
        if not records:
            if not self._left[partition]:
                self.reached[partition] = max(self.reached[partition], position)
            return
        end = max(position, records[-1].offset + 1)
        has_more = end < (self._consumer.highwater(partition) or 0)
        if has_more:
            self._with_more.add(partition)
        self._lane.add(Chunk(partition, records, end, _Nobody(), has_more=has_more))
        self._left[partition] += len(records)

    def give_back(self) -> None:
        """Let the consumer fetch again what was not taken."""
        for partition, offset in self.reached.items():
            self._consumer.seek(partition, offset)


class _Nobody:
    """The owner of chunks in no consumer group."""

    def chunk_done(self, chunk: Chunk) -> None:
        """Offsets are stored by the view."""

    def is_in_flight(self, chunk: Chunk) -> bool:  # noqa: ARG002
        """Nothing is revoked."""
        return True
