"""The process's only reader of a log of changes: receives every new version of a thing, for all subscribers.

At the start it reads the whole topic, which is compacted, to learn the version of each thing, so that it can tell a new
version from one that is published again, unless the log needs no such thing. It delivers no event before it has reached
the end.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.kafka.client import partitions_of, reader, records_between
from chassis.logs import logger
from gateway.listener import Listener, Ready
from gateway.live.change_log import ChangeLog, ChangeRecord
from gateway.live.stream_cursor import has_reached
from gateway.live.versions import Versions

log = logger(__name__)

MAX_RECENT = 5_000
"""The number of recent changes in memory, for clients that reconnect."""

MAX_RECENT_BYTES = 64 * 1024 * 1024
"""Their total size; the document of a large order has some MB."""

METADATA_MAX_AGE_S = 10
"""How often to look for new partitions; the consumer's default is five minutes."""

OnEvent = Callable[[ChangeRecord], Awaitable[None]]
"""Receives each new version. The next record is read when it returns, so the feed is never ahead of the subscribers."""


class _LogReplaced(Exception):
    """The topic was recreated while it was read."""


class Feed:
    """Reads the log up to `next_offsets`. `recent` holds all changes from `floor` on."""

    def __init__(self, log: ChangeLog, on_event: OnEvent, on_reset: Callable[[], None], most_versions: int) -> None:
        """`on_reset` is called when the log was recreated, which makes all earlier cursors invalid."""
        self.log = log
        self._on_event = on_event
        self._on_reset = on_reset
        self._most_versions = most_versions
        self._listener = Listener(log.name, self._listen)
        self._versions = Versions(0, most_versions)
        self._begin_offsets: list[int] = []
        self._is_replaced = False
        self._may_have_more_partitions = False
        self.next_offsets: list[int] = []
        self.floor: list[int] = []
        self.recent: deque[ChangeRecord] = deque()
        self._recent_bytes = 0
        self.has_caught_up = asyncio.Event()
        self._has_moved = asyncio.Event()

    def start(self) -> None:
        """Start to read; retry while Kafka is unavailable. Further calls have no effect."""
        self._listener.start()

    async def close(self) -> None:
        """Stop reading."""
        await self._listener.close()

    def was_new(self, partition: int, offset: int) -> bool:
        """Whether the record at an offset held a new version, as far as is known."""
        if partition < len(self._begin_offsets) and offset < self._begin_offsets[partition]:
            return True
        return self._versions.was_new(partition, offset)

    async def reaches(self, offsets: Sequence[int], timeout_s: float) -> bool:
        """Wait until the feed has read up to these offsets. False on timeout."""
        try:
            async with asyncio.timeout(timeout_s):
                while not has_reached(self.next_offsets, offsets):
                    if len(offsets) > len(self.next_offsets):
                        self._may_have_more_partitions = True
                    self._has_moved.clear()
                    await self._has_moved.wait()
        except TimeoutError:
            return False
        return True

    async def ends(self) -> list[int]:
        """The end offsets of the log. Raises KafkaError."""
        async with reader() as consumer:
            return list((await _ends(consumer, self.log.topic)).values())

    async def _listen(self, ready: Ready) -> None:
        async with reader(metadata_max_age_ms=METADATA_MAX_AGE_S * 1000) as consumer:
            await self._begin(consumer)
            ready()
            await self._read(consumer)

    async def _begin(self, consumer: AIOKafkaConsumer) -> None:
        """Read the existing records: after partitions were added, newer versions may be in another partition."""
        ends = await _ends(consumer, self.log.topic)
        reached = list(ends.values())
        if self._is_replaced or len(ends) < len(self.next_offsets) or not has_reached(reached, self.next_offsets):
            self._reset()
        added = len(ends) - len(self.next_offsets)
        self._versions.add_partitions(added)
        if not self.next_offsets and not self.log.is_read_from_start:
            self._begin_offsets, self.next_offsets, self.floor = reached, list(reached), list(reached)
        else:
            self.next_offsets += [0] * added
            self.floor += [0] * added
        starts = dict(zip(ends, self.next_offsets, strict=True))
        number = 0
        async with aclosing(records_between(consumer, starts, ends)) as records:
            async for record in records:
                await self._read_record(record.partition, record)
                if (number := number + 1) % 100 == 0:
                    self._has_moved.set()
                    await asyncio.sleep(0)  # Let requests run meanwhile.
        self.next_offsets = reached
        self._has_moved.set()
        self.has_caught_up.set()
        consumer.assign(list(ends))
        for place, at in ends.items():
            consumer.seek(place, at)

    def _reset(self) -> None:
        """Discard all state of the previous log."""
        self._is_replaced = False
        self._versions = Versions(0, self._most_versions)
        self.next_offsets, self.floor, self._begin_offsets = [], [], []
        self.recent.clear()
        self.has_caught_up.clear()
        self._on_reset()

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        self._may_have_more_partitions = False
        while len(consumer.partitions_for_topic(self.log.topic) or ()) in (0, len(self.next_offsets)):
            for place, records in (await consumer.getmany(timeout_ms=1000)).items():
                for number, record in enumerate(records):
                    await self._read_record(place.partition, record)
                    if number % 100 == 99:
                        await asyncio.sleep(0)  # Let requests run meanwhile.
            await self._pass_gaps(consumer)
            self._has_moved.set()
            if self._may_have_more_partitions:
                self._may_have_more_partitions = False
                if len(await _partitions(self.log.topic)) > len(self.next_offsets):
                    return

    async def _pass_gaps(self, consumer: AIOKafkaConsumer) -> None:
        """Advance past offsets without records, which compaction leaves."""
        for place in consumer.assignment():
            self._advance(place.partition, await consumer.position(place))

    def _advance(self, partition: int, offset: int) -> None:
        """Set the next offset of a partition. Raises _LogReplaced when it goes back."""
        if offset < self.next_offsets[partition]:
            self._is_replaced = True
            raise _LogReplaced
        self.next_offsets[partition] = offset

    async def _read_record(self, partition: int, record: Any) -> None:
        if record.offset < self.next_offsets[partition]:
            self._advance(partition, record.offset)
        self._advance(partition, record.offset + 1)
        if record.value is None:
            return
        try:
            version = self.log.version(record.value)
        except msgspec.MsgspecError as error:
            log.warning("unreadable change", partition=partition, offset=record.offset, reason=str(error))
            return
        if self._versions.is_new(partition, record.offset, *version):
            position = tuple(self.next_offsets)
            await self._publish(ChangeRecord(partition, record.offset, record.value, position, self.log.decode))

    async def _publish(self, change: ChangeRecord) -> None:
        self._recent_bytes = change.size + (self._recent_bytes if self.recent else 0)
        self.recent.append(change)
        while len(self.recent) > MAX_RECENT or self._recent_bytes > MAX_RECENT_BYTES:
            oldest = self.recent.popleft()
            self._recent_bytes -= oldest.size
            self.floor[oldest.partition] = oldest.offset + 1
        if self.has_caught_up.is_set():
            await self._on_event(change)


async def _partitions(topic: str) -> list[TopicPartition]:
    """The topic's partitions by number. Raises KafkaError, and LookupError when the topic does not exist."""
    places = sorted(await partitions_of([topic]))
    if not places:
        raise LookupError(f"topic {topic} does not exist")
    return places


async def _ends(consumer: AIOKafkaConsumer, topic: str) -> dict[TopicPartition, int]:
    places = await _partitions(topic)
    ends = await consumer.end_offsets(places)
    return {place: ends[place] for place in places}
