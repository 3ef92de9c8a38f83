"""Replays and drops dead letters on the broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.kafka.client import POLL_MS, reader, writer
from contracts.catalogue import CONSUMED
from contracts.dead_letters import DeadLetter
from oms import kafka
from oms.inspect.dead_letters import OpenLetter, read_open


async def replay_letters(letters: Sequence[OpenLetter]) -> AsyncIterator[tuple[DeadLetter, DeadLetter | None]]:
    """Publish the records on the replay topics of their consumers, with their keys and in their order.

    Yields each letter once its consumer has processed it: with None when it was closed, else with the new letter. Ends
    when all are processed, which never happens while a consumer is down. Raises KafkaError.
    """
    names = {topic.name: topic for topic in CONSUMED}
    partitions = [TopicPartition(names[name].dead_letters, 0) for name in {each.letter.topic for each in letters}]
    async with reader() as consumer:
        _, ends = await kafka.bounds(consumer, partitions)
        await _send([(names[each.letter.topic].replay, each) for each in letters])
        async for answer in _answers(consumer, ends, letters):
            yield answer


async def drop_letters(letters: Collection[OpenLetter]) -> None:
    """Close letters by tombstones. Returns once the broker has them. Raises KafkaError."""
    names = {topic.name: topic for topic in CONSUMED}
    async with writer() as producer:
        sent = [
            await producer.send(names[each.letter.topic].dead_letters, None, key=each.letter.identity.encode())
            for each in letters
        ]
        await asyncio.gather(*sent)


async def _send(records: Sequence[tuple[str, OpenLetter]]) -> None:
    async with writer() as producer:
        sent = [
            await producer.send(topic, each.value, key=each.letter.key, headers=each.letter.headers())
            for topic, each in records
        ]
        await asyncio.gather(*sent)


async def _answers(
    consumer: AIOKafkaConsumer, starts: dict[TopicPartition, int], letters: Sequence[OpenLetter]
) -> AsyncIterator[tuple[DeadLetter, DeadLetter | None]]:
    waiting = {each.letter.identity.encode(): each.letter for each in letters}
    consumer.assign(list(starts))
    for partition, offset in starts.items():
        consumer.seek(partition, offset)
    while waiting:
        for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
            for record in records:
                if letter := waiting.pop(record.key, None):
                    again = read_open(record)
                    yield letter, again.letter if again else None
