"""Resets committed offsets that are ahead of the view, so that a lost or restored view is filled again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from aiokafka import TopicPartition

from chassis import addresses
from chassis.consumer import Consumer
from chassis.kafka.client import partitions_of, timeout_ms
from chassis.logs import logger

log = logger(__name__)

REWIND_TIMEOUT_S = 60.0


async def rewind(group: str, topics: Sequence[str], view_offsets: Mapping[TopicPartition, int]) -> None:
    """Reset the committed offsets of a consumer group to the offsets of its view where they are ahead of them.

    An empty view, or one restored from a backup, is filled again this way. Partitions without an offset in the view
    are read from their start. Raises KafkaError while another worker of the group runs, which fills the view itself;
    the caller retries with the new offsets of the view. Raises TimeoutError if the group has no coordinator, for which
    the client would wait without limit.
    """
    partitions = await partitions_of(topics)
    consumer = Consumer(
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
            starts = {each: max(begins[each], view_offsets.get(each, 0)) for each in partitions}
            ahead = {each: start for each, start in starts.items() if (await consumer.committed(each) or 0) > start}
            if ahead:
                await consumer.commit(ahead)
                log.warning("view behind committed offsets, offsets reset", starts=_shown(ahead))
    finally:
        await consumer.stop()


def _shown(starts: Mapping[TopicPartition, int]) -> dict[str, int]:
    return {f"{each.topic}/{each.partition}": start for each, start in starts.items()}
