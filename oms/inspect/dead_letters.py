"""Dead letters on the broker: those that are open, replaying them, dropping them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from chassis.kafka.client import POLL_MS, admin, reader, records_between, writer
from contracts.catalogue import CONSUMED
from contracts.dead_letters import DeadLetter, read_letter
from contracts.topics import Topic
from oms.inspect import kafka


@dataclass(frozen=True)
class OpenLetter:
    """A dead letter, the value of its record, and when it was set aside last."""

    letter: DeadLetter
    value: bytes
    set_aside_at: datetime


async def open_letters(topics: Sequence[Topic[Any]]) -> list[OpenLetter]:
    """The letters on these topics that nobody closed, ordered as the records were. Raises KafkaError."""
    async with admin() as client:
        present = await kafka.partitions(client)
    places = kafka.each_partition({topic.dead_letters: present.get(topic.dead_letters, []) for topic in topics})
    found: dict[bytes, OpenLetter] = {}
    async with reader() as consumer:
        starts, ends = await _bounds(consumer, places)
        async for record in records_between(consumer, starts, ends):
            found.pop(record.key, None)
            if opened := read_open(record):
                found[record.key] = opened
    return sorted(found.values(), key=lambda each: _place(each.letter))


def read_open(record: ConsumerRecord) -> OpenLetter | None:
    """The letter that a record opens. None for a tombstone, which closes it, and for what is no letter at all."""
    try:
        letter = read_letter(record.headers)
    except ValueError:
        return None
    if record.value is None:
        return None
    return OpenLetter(letter, record.value, datetime.fromtimestamp(record.timestamp / 1000, UTC))


async def replay(letters: Sequence[OpenLetter]) -> AsyncIterator[tuple[DeadLetter, DeadLetter | None]]:
    """Put the records to where their consumer reads them again, with their own keys, in their own order.

    Gives each letter as its consumer answers it, with None when it was closed, or else with the letter opened anew.
    Ends when all are answered; that may never be, if a consumer is away. Raises KafkaError.
    """
    names = {topic.name: topic for topic in CONSUMED}
    places = [TopicPartition(names[name].dead_letters, 0) for name in {each.letter.topic for each in letters}]
    async with reader() as consumer:
        _, ends = await _bounds(consumer, places)
        await _send([(names[each.letter.topic].replay, each) for each in letters])
        async for answer in _answers(consumer, ends, letters):
            yield answer


async def drop(letters: Collection[OpenLetter]) -> None:
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


async def _bounds(
    consumer: AIOKafkaConsumer, places: Sequence[TopicPartition]
) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
    """The first offset of each place, and the one after the last."""
    if not places:
        return {}, {}
    return await consumer.beginning_offsets(places), await consumer.end_offsets(places)


def _place(letter: DeadLetter) -> tuple[str, int, int, str]:
    return letter.topic, letter.partition, letter.offset, letter.consumer
