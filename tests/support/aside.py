"""What a reader sets aside, kept in a list, for tests of the reader without a broker."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiokafka import ConsumerRecord
from faust import App

from chassis.chunks.dead_letters import DeadLetters, letter_of
from contracts.dead_letters import DeadLetter
from contracts.topics import Topic


class Aside(DeadLetters):
    """Collects the letters that are opened and closed; all else is as it is."""

    def __init__(self, consumer: str = "orders_stream") -> None:
        super().__init__(App("aside"), consumer)
        self.letters: list[DeadLetter] = []
        self.closed: list[str] = []

    @property
    def offsets(self) -> list[int]:
        """Of the records that were set aside, as they came."""
        return [letter.offset for letter in self.letters]

    async def set_aside(self, topic: Topic[Any], record: ConsumerRecord, reason: Exception) -> None:
        self.letters.append(letter_of(topic, record, self._consumer, reason))

    async def close(self, topic: Topic[Any], records: Iterable[ConsumerRecord]) -> None:
        self.closed += [f"{record.topic}/{record.partition}@{record.offset}" for record in records]
