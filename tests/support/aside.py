"""Dead letters collected in a list, for tests of consumers without a broker."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiokafka import ConsumerRecord
from faust import App

from chassis.chunks.dead_letters import DeadLetters, letter_of
from contracts.dead_letters import DeadLetter
from contracts.topics import Topic


class Aside(DeadLetters):
    """Collects opened and closed letters instead of publishing them."""

    def __init__(self, consumer: str = "orders_stream") -> None:
        super().__init__(App("aside"), consumer)
        self.letters: list[DeadLetter] = []
        self.closed: list[str] = []

    @property
    def offsets(self) -> list[int]:
        """The records that were set aside, in their order."""
        return [letter.offset for letter in self.letters]

    async def set_aside(self, topic: Topic[Any], record: ConsumerRecord, reason: Exception) -> None:
        self.letters.append(letter_of(topic, record, self._consumer, reason))

    async def close(self, topic: Topic[Any], records: Iterable[ConsumerRecord]) -> None:
        self.closed += [f"{record.topic}/{record.partition}@{record.offset}" for record in records]
