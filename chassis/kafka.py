"""Looking at the broker: clients for topics, groups and records, which are closed whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from chassis import addresses
from chassis.settings import seconds
from contracts.sizes import LETTER_BYTES

POLL_MS = 100


def timeout_ms() -> int:
    """How long the broker has to answer one request: `OMS_KAFKA_TIMEOUT_S`."""
    return int(seconds("OMS_KAFKA_TIMEOUT_S", 10) * 1000)


@asynccontextmanager
async def admin() -> AsyncIterator[AIOKafkaAdminClient]:
    """A client for topics and groups. Raises KafkaError when the broker is away."""
    client = AIOKafkaAdminClient(bootstrap_servers=addresses.address("kafka"), request_timeout_ms=timeout_ms())
    try:
        await client.start()
        yield client
    finally:
        await client.close()


async def partitions_of(topics: Iterable[str]) -> list[TopicPartition]:
    """All partitions of these topics, which must exist: asking could make one. Raises KafkaError."""
    async with admin() as client:
        described = await client.describe_topics(list(topics))
    return [TopicPartition(each["topic"], part["partition"]) for each in described for part in each["partitions"]]


@asynccontextmanager
async def writer() -> AsyncIterator[AIOKafkaProducer]:
    """A producer whose records every copy has when they are acknowledged. Raises KafkaError when the broker is away."""
    producer = AIOKafkaProducer(
        bootstrap_servers=addresses.address("kafka"),
        acks="all",
        max_request_size=LETTER_BYTES,
        request_timeout_ms=timeout_ms(),
    )
    try:
        await producer.start()
        yield producer
    finally:
        await producer.stop()


@asynccontextmanager
async def reader() -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer that belongs to no group and commits nothing. Raises KafkaError when the broker is away."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=addresses.address("kafka"),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        request_timeout_ms=timeout_ms(),
        fetch_max_wait_ms=100,
        max_partition_fetch_bytes=LETTER_BYTES,
    )
    try:
        await consumer.start()
        await asyncio.sleep(0)  # a consumer stopped before its own tasks began raises their cancellation
        yield consumer
    finally:
        await consumer.stop()


async def records_between(
    consumer: AIOKafkaConsumer, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
) -> AsyncIterator[ConsumerRecord]:
    """The records of these partitions, each from an offset up to, and not including, another."""
    todo = {partition for partition, offset in starts.items() if offset < ends[partition]}
    consumer.assign(list(todo))
    for partition in todo:
        consumer.seek(partition, starts[partition])
    while todo:
        batches = await consumer.getmany(*todo, timeout_ms=POLL_MS)
        for partition, records in batches.items():
            for record in records:
                if record.offset < ends[partition]:
                    yield record
        todo = {partition for partition in todo if await consumer.position(partition) < ends[partition]}
