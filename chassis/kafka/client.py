"""Kafka clients for topics, groups and records as context managers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from itertools import chain
from math import inf

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaTimeoutError

from chassis import addresses
from chassis.consumer import Consumer
from chassis.settings import seconds
from contracts.sizes import DEAD_LETTER_BYTES

POLL_MS = 100


def timeout_ms() -> int:
    """The timeout of a request to the broker: `OMS_KAFKA_TIMEOUT_S`."""
    return int(seconds("OMS_KAFKA_TIMEOUT_S", 10) * 1000)


@asynccontextmanager
async def admin() -> AsyncIterator[AIOKafkaAdminClient]:
    """A client for topics and groups. Raises KafkaError in an outage of the broker."""
    client = AIOKafkaAdminClient(bootstrap_servers=addresses.address("kafka"), request_timeout_ms=timeout_ms())
    try:
        await client.start()
        yield client
    finally:
        await client.close()


async def partitions_of(topics: Iterable[str]) -> list[TopicPartition]:
    """All partitions of these topics, which must exist: a request could create one. Raises KafkaError."""
    async with admin() as client:
        described = await client.describe_topics(list(topics))
    return [TopicPartition(each["topic"], part["partition"]) for each in described for part in each["partitions"]]


@asynccontextmanager
async def writer() -> AsyncIterator[AIOKafkaProducer]:
    """A producer with acknowledgements of all replicas. Raises KafkaError in an outage of the broker."""
    producer = AIOKafkaProducer(
        bootstrap_servers=addresses.address("kafka"),
        acks="all",
        max_request_size=DEAD_LETTER_BYTES,
        request_timeout_ms=timeout_ms(),
    )
    try:
        await producer.start()
        yield producer
    finally:
        await producer.stop()


@asynccontextmanager
async def reader(
    *, max_bytes: int = DEAD_LETTER_BYTES, metadata_max_age_ms: int = 300_000, max_wait_ms: int = 100
) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer that belongs to no group and commits nothing. Raises KafkaError in an outage of the broker.

    It fetches `max_bytes` of a partition at a time, and finds new partitions every `metadata_max_age_ms`. The broker
    holds a fetch for `max_wait_ms`: there is one at a time, so an idle partition delays a busy one as long.
    """
    consumer = Consumer(
        bootstrap_servers=addresses.address("kafka"),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        request_timeout_ms=timeout_ms(),
        fetch_max_wait_ms=max_wait_ms,
        max_partition_fetch_bytes=max_bytes,
        metadata_max_age_ms=metadata_max_age_ms,
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def records_between(
    consumer: AIOKafkaConsumer, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
) -> AsyncGenerator[ConsumerRecord, None]:
    """The records of these partitions, from the start offset up to, but not including, the end offset.

    They are in the order of their timestamps, and in the order of the log within a partition, so that records of a key
    that has moved to another partition stay in order. Raises KafkaError, also after a timeout without records.
    """
    todo = {partition for partition, offset in starts.items() if offset < ends[partition]}
    fetched = {partition: _Fetched() for partition in todo}
    consumer.assign(list(todo))
    for partition in todo:
        consumer.seek(partition, starts[partition])
    loop = asyncio.get_running_loop()
    moved_at = loop.time()
    while todo:
        lacking = [partition for partition in todo if not fetched[partition].records]
        for partition, records in (await consumer.getmany(*lacking, timeout_ms=POLL_MS)).items():
            moved_at = loop.time()
            fetched[partition].add(record for record in records if record.offset < ends[partition])
        todo = {partition for partition in todo if await consumer.position(partition) < ends[partition]}
        if all(fetched[partition].records for partition in todo):
            until = min((fetched[partition].newest for partition in todo), default=inf)
            for record in sorted(chain.from_iterable(each.taken(until) for each in fetched.values()), key=_when):
                yield record[1]
        elif loop.time() - moved_at > timeout_ms() / 1000:
            raise KafkaTimeoutError(f"no records of {sorted(todo)}")


class _Fetched:
    """Records of a partition that wait for older ones of others, each with the highest timestamp so far."""

    def __init__(self) -> None:
        self.records: deque[tuple[int, ConsumerRecord]] = deque()
        self.newest = 0

    def add(self, records: Iterable[ConsumerRecord]) -> None:
        for record in records:
            self.newest = max(self.newest, record.timestamp)
            self.records.append((self.newest, record))

    def taken(self, until: float) -> Iterator[tuple[int, ConsumerRecord]]:
        while self.records and self.records[0][0] <= until:
            yield self.records.popleft()


def _when(timed: tuple[int, ConsumerRecord]) -> int:
    return timed[0]
