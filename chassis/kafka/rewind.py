"""Starting where the view is: what a consumer group has committed counts only where its view has it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis import addresses
from chassis.kafka.client import partitions_of, timeout_ms
from chassis.logs import logger

log = logger(__name__)

REWIND_TIMEOUT_S = 60.0


async def rewind(group: str, topics: Sequence[str], taken_in: Mapping[TopicPartition, int]) -> None:
    """Set the committed offsets of a consumer group back to what its view has taken in, where they are ahead of it.

    A view that is empty, or was restored from a backup, is filled again like this. Partitions that are not in
    `taken_in` are read from their start. Raises what Kafka says while another worker of the group runs, which would go
    on from where it is. It fills the view then, so whoever waits for this need only look again at what was taken in.
    Raises TimeoutError when the group has no coordinator: the client by itself would ask for one for ever.
    """
    partitions = await partitions_of(topics)
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
            begins = await consumer.beginning_offsets(partitions)
            starts = {each: max(begins[each], taken_in.get(each, 0)) for each in partitions}
            ahead = {each: start for each, start in starts.items() if (await consumer.committed(each) or 0) > start}
            if ahead:
                await consumer.commit(ahead)
                log.warning("the view is behind what was committed, reading again", starts=_shown(ahead))
    finally:
        await consumer.stop()


def _shown(starts: Mapping[TopicPartition, int]) -> dict[str, int]:
    return {f"{each.topic}/{each.partition}": start for each, start in starts.items()}
