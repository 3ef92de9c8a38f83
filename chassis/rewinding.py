"""Reading topics from their start again, for a view that is empty: what was committed counts for nothing then."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis import addresses
from chassis.kafka import admin, timeout_ms
from chassis.logs import logger

log = logger(__name__)

REWIND_TIMEOUT_S = 60.0


async def rewind(group: str, topics: Sequence[str]) -> None:
    """Set the committed offsets of a consumer group to the start of its topics.

    Raises what Kafka says while another worker of the group runs, which would go on from where it is. It fills the view
    then, so whoever waits for this need only look again whether the view is empty. Raises TimeoutError when the group
    has no coordinator: the client by itself would ask for one for ever.
    """
    partitions = await _partitions(topics)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=addresses.address("kafka"),
        group_id=group,
        enable_auto_commit=False,
        request_timeout_ms=timeout_ms(),
    )
    await consumer.start()
    try:
        async with asyncio.timeout(REWIND_TIMEOUT_S):
            consumer.assign(partitions)
            if any([await consumer.committed(partition) for partition in partitions]):
                await consumer.commit(await consumer.beginning_offsets(partitions))
                log.warning("the view is empty, reading everything again", topics=sorted(topics))
    finally:
        await consumer.stop()


async def _partitions(topics: Sequence[str]) -> list[TopicPartition]:
    async with admin() as client:
        described = await client.describe_topics(list(topics))
    return [TopicPartition(each["topic"], part["partition"]) for each in described for part in each["partitions"]]
