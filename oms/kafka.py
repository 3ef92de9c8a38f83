"""Looking at Kafka without taking part: which topics there are, how far they go, how far each consumer group is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.partitioner import DefaultPartitioner

from chassis import addresses

REQUEST_TIMEOUT_MS = 10_000
QUIET_MS = 1_000
"""When nothing comes for this long, what is left of a partition are marks of transactions, or compacted away."""


@asynccontextmanager
async def admin() -> AsyncIterator[AIOKafkaAdminClient]:
    """A client for topics and groups. Raises KafkaError when the broker is away."""
    client = AIOKafkaAdminClient(bootstrap_servers=addresses.address("kafka"), request_timeout_ms=REQUEST_TIMEOUT_MS)
    try:
        await client.start()
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def reader() -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer that belongs to no group and commits nothing. Raises KafkaError when the broker is away."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=addresses.address("kafka"),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        fetch_max_wait_ms=100,
        max_partition_fetch_bytes=8_000_000,
    )
    try:
        await consumer.start()
        await asyncio.sleep(0)  # a consumer stopped before its own tasks began raises their cancellation
        yield consumer
    finally:
        await consumer.stop()


async def partitions(client: AIOKafkaAdminClient) -> dict[str, list[int]]:
    """Every topic that exists, with the numbers of its partitions. Asked for all, so that asking makes none."""
    return {
        topic["topic"]: sorted(each["partition"] for each in topic["partitions"])
        for topic in await client.describe_topics()
    }


async def committed(client: AIOKafkaAdminClient, group: str) -> dict[TopicPartition, int]:
    """How far a consumer group has committed, for the partitions it ever did."""
    offsets = await client.list_consumer_group_offsets(group)
    return {partition: each.offset for partition, each in offsets.items() if each.offset >= 0}


def partition_of(key: bytes, numbers: list[int]) -> int:
    """The partition that the default partitioner (murmur2 of the key) puts a record into."""
    return int(DefaultPartitioner()(key, numbers, numbers))


async def records_since(
    consumer: AIOKafkaConsumer, starts_ms: Mapping[TopicPartition, int]
) -> AsyncIterator[ConsumerRecord]:
    """The records of these partitions from a time on (milliseconds since 1970), up to the ends they have now."""
    offsets = await consumer.offsets_for_times(dict(starts_ms))
    ends = await consumer.end_offsets(list(starts_ms))
    unread = {partition for partition, found in offsets.items() if found and found.offset < ends[partition]}
    consumer.assign(list(unread))
    for partition in unread:
        consumer.seek(partition, offsets[partition].offset)
    while unread:
        batches = await consumer.getmany(*unread, timeout_ms=QUIET_MS)
        if not batches:
            return
        for partition, records in batches.items():
            for record in records:
                yield record
            if records[-1].offset + 1 >= ends[partition]:
                unread.discard(partition)


def each_partition(topics: Mapping[str, Iterable[int]]) -> list[TopicPartition]:
    """All partitions of some topics."""
    return [TopicPartition(topic, number) for topic, numbers in topics.items() for number in numbers]


def be_quiet() -> None:
    """Keep aiokafka's own log off the terminal: what it cannot do, it raises too."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
