"""Reads the open dead letters from the broker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRecord

from chassis.kafka.client import admin, reader, records_between
from contracts.dead_letters import DeadLetter, read_letter
from contracts.topics import Topic
from oms import kafka


@dataclass(frozen=True)
class OpenLetter:
    """An open dead letter, the value of its record, and when it was last set aside."""

    letter: DeadLetter
    value: bytes
    set_aside_at: datetime


async def open_letters(topics: Sequence[Topic[Any]]) -> list[OpenLetter]:
    """The open letters of these topics, in the order of their records. Raises KafkaError."""
    async with admin() as client:
        present = await kafka.partitions(client)
    partitions = kafka.each_partition({topic.dead_letters: present.get(topic.dead_letters, []) for topic in topics})
    found: dict[bytes, OpenLetter] = {}
    async with reader() as consumer:
        starts, ends = await kafka.bounds(consumer, partitions)
        async for record in records_between(consumer, starts, ends):
            found.pop(record.key, None)
            if opened := read_open(record):
                found[record.key] = opened
    return sorted(found.values(), key=lambda each: _log_position(each.letter))


def read_open(record: ConsumerRecord) -> OpenLetter | None:
    """The letter in a record. None for a tombstone, which closes it, and for a malformed record."""
    try:
        letter = read_letter(record.headers)
    except ValueError:
        return None
    if record.value is None:
        return None
    return OpenLetter(letter, record.value, datetime.fromtimestamp(record.timestamp / 1000, UTC))


def _log_position(letter: DeadLetter) -> tuple[str, int, int, str]:
    return letter.topic, letter.partition, letter.offset, letter.consumer
