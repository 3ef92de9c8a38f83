"""The records of one partition that a backfill has fetched and not yet stored."""

from __future__ import annotations

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from chassis.chunks.alignment import Part

MAX_RECORDS = 2000
"""Records of one batch, as in the workers."""

POLL_MS = 100


class Waiting:
    """Fetches when it is empty. `reached` is the offset before which all records were taken."""

    def __init__(self, consumer: AIOKafkaConsumer, partition: TopicPartition, reached: int) -> None:
        self.partition = partition
        self.reached = reached
        self._consumer = consumer
        self._records: list[ConsumerRecord] = []
        self._position = reached
        self._last_ms: int | None = None
        self._has_more = True

    async def fetch(self) -> None:
        """Wait for records, at most `POLL_MS`, unless enough are left: of a backlog, those of two moments."""
        if self._records and not (self._has_more and self._records[0].timestamp == self._last_ms):
            return
        fetched = await self._consumer.getmany(self.partition, timeout_ms=POLL_MS, max_records=MAX_RECORDS)
        records = fetched.get(self.partition, ())
        self._records = [*self._records, *records]
        self._position = await self._consumer.position(self.partition)
        # Without records there may be more; but others must not wait for those that do not come.
        self._has_more = bool(records) and self._position < (self._consumer.highwater(self.partition) or 0)
        if records:
            self._last_ms = records[-1].timestamp
        if not self._records:
            self.reached = max(self.reached, self._position)

    def part(self) -> Part:
        """For the alignment with other topics."""
        return Part([record.timestamp for record in self._records], self._last_ms, self._has_more)

    def take(self, count: int) -> Sequence[ConsumerRecord]:
        """The next so many records."""
        taken, self._records = self._records[:count], self._records[count:]
        self.reached = self._records[0].offset if self._records else max(self._position, self.reached)
        return taken

    def give_back(self) -> None:
        """Let the consumer fetch again what was not taken."""
        self._consumer.seek(self.partition, self.reached)
