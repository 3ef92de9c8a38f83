"""Reads Kafka without joining a consumer group: topics, their ends, and the offsets of each consumer group."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from chassis.kafka.client import records_between

MAX_COUNTED = 1_000

WITHOUT_GROUP = frozenset({"stores"})
"""The readers that are no consumer groups: each store stores the offsets of its partition in its own database."""


async def partitions(client: AIOKafkaAdminClient) -> dict[str, list[int]]:
    """Every topic with the numbers of its partitions. Describing all topics creates none."""
    return {
        topic["topic"]: sorted(each["partition"] for each in topic["partitions"])
        for topic in await client.describe_topics()
    }


async def committed(client: AIOKafkaAdminClient, group: str) -> dict[TopicPartition, int]:
    """The committed offsets of a consumer group, for partitions that have one."""
    offsets = await client.list_consumer_group_offsets(group)
    return {partition: each.offset for partition, each in offsets.items() if each.offset >= 0}


async def records_since(
    consumer: AIOKafkaConsumer, starts_ms: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
) -> AsyncIterator[ConsumerRecord]:
    """The records of each partition from a time (milliseconds since 1970) up to an end offset."""
    found = await consumer.offsets_for_times(dict(starts_ms))
    starts = {partition: at.offset for partition, at in found.items() if at is not None}
    async for record in records_between(consumer, starts, ends):
        yield record


async def unread(
    consumer: AIOKafkaConsumer, nexts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
) -> dict[TopicPartition, int]:
    """The number of records from the next offset of each partition to its end.

    Every transaction ends with a marker that takes an offset and is no record. So a small difference of offsets is
    counted record by record; a large one is returned as it is.
    """
    gaps = {partition: ends[partition] - offset for partition, offset in nexts.items()}
    counts = {partition: gap if gap > MAX_COUNTED else 0 for partition, gap in gaps.items()}
    near = {partition: nexts[partition] for partition, gap in gaps.items() if 0 < gap <= MAX_COUNTED}
    async for record in records_between(consumer, near, ends):
        counts[TopicPartition(record.topic, record.partition)] += 1
    return counts


def each_partition(topics: Mapping[str, Iterable[int]]) -> list[TopicPartition]:
    """All partitions of these topics."""
    return [TopicPartition(topic, number) for topic, numbers in topics.items() for number in numbers]


async def bounds(
    consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]
) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
    """The first offset of each partition, and its end offset."""
    if not partitions:
        return {}, {}
    return await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)


def silence_client_log() -> None:
    """Keep the log of aiokafka off the terminal: it raises its errors, too."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
