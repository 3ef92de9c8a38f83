"""What a store has not read yet of the topics that are keyed by store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.chunks.batch import position_after
from chassis.kafka.client import records_between
from chassis.kafka.partitions import partition_of
from contracts.inventory.reservations import RESERVATION
from contracts.topics import Topic

MAX_COUNTED = 1_000


@dataclass(frozen=True)
class Unread:
    """How many records a store has not read, and when MySQL committed the first; None if there are none."""

    since: datetime | None
    records: int


def record_key(store_id: str) -> bytes:
    """The key of a store's records, as Kafka Connect writes it."""
    return b'{"%s":"%s"}' % (RESERVATION.key.encode(), store_id.encode())


async def unread(
    consumer: AIOKafkaConsumer,
    store_id: str,
    passed: Mapping[TopicPartition, int],
    partitions: int,
    topic: Topic[Any] = RESERVATION,
) -> Unread:
    """What is on the topic, of so many partitions, after the offsets that the store has `passed`. Raises KafkaError.

    Records of other stores in its partition do not count, unless more than `MAX_COUNTED` records follow.
    """
    key = record_key(store_id)
    partition = TopicPartition(topic.name, partition_of(key, partitions))
    begin = (await consumer.beginning_offsets([partition]))[partition]
    end = (await consumer.end_offsets([partition]))[partition]
    start = max(begin, passed.get(partition, 0))
    is_far = end - start > MAX_COUNTED
    since, records = None, 0
    async for record in records_between(consumer, {partition: start}, {partition: end}):
        if record.key == key or is_far:
            since, records = since or position_after(record).committed_at, records + 1
        if is_far:
            return Unread(since, end - start)
    return Unread(since, records)
