"""Looking at the broker: a client for topics and groups that is closed whatever happens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from chassis import addresses
from chassis.settings import seconds


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
