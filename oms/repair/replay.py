"""Replaying and dropping dead letters on the broker."""

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
    """Put the records to where their consumer reads them again, with their own keys, in their own order.

    Gives each letter as its consumer answers it, with None when it was closed, or else with the letter opened anew.
    Ends when all are answered; that may never be, if a consumer is away. Raises KafkaError.
    """
    names = {topic.name: topic for topic in CONSUMED}
    places = [TopicPartition(names[name].dead_letters, 0) for name in {each.letter.topic for each in letters}]
    async with reader() as consumer:
        _, ends = await kafka.bounds(consumer, places)
        await _send([(names[each.letter.topic].replay, each) for each in letters])
        async for answer in _answers(consumer, ends, letters):
            yield answer


async def drop_letters(letters: Collection[OpenLetter]) -> None:
    """Close letters for good, each by a tombstone. Returns when the broker has them. Raises KafkaError."""
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
    for place, offset in starts.items():
        consumer.seek(place, offset)
    while waiting:
        for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
            for record in records:
                if letter := waiting.pop(record.key, None):
                    again = read_open(record)
                    yield letter, again.letter if again else None
