"""A topic in memory, in the place of Kafka's consumers: for tests where only the order of events counts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import pytest
from aiokafka import TopicPartition

from contracts.orders import ORDERS_GRAPH
from gateway.live import feed, replay
from tests.support.live.clients import document

AT_ONCE = 3
"""So many records come by one fetch."""

_encode = msgspec.json.Encoder(decimal_format="string").encode


class Record(NamedTuple):
    """What a consumer gets."""

    partition: int
    offset: int
    value: bytes
    timestamp: int


class Log:
    """A topic; the changes that it is told are those of orders."""

    def __init__(self, partitions: int = 1, topic: str = ORDERS_GRAPH.name) -> None:
        self.topic = topic
        self.partitions: list[list[Record]] = [[] for _ in range(partitions)]
        self._written = 0
        self._readers: list[asyncio.Event] = []

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the gateway read this."""
        monkeypatch.setattr(feed, "reader", self.reader)
        monkeypatch.setattr(replay, "reader", self.reader)
        monkeypatch.setattr(feed, "partitions_of", self.places)

    def tell(self, order_id: UUID, *versions: int, partition: int = 0, **changes: Any) -> None:
        """Put versions of an order on the topic."""
        for version in versions:
            self.put(_encode(document(order_id, version, **changes)), partition)

    def put(self, value: bytes, partition: int = 0) -> None:
        """Put a record on the topic."""
        records = self.partitions[partition]
        self._written += 1
        records.append(Record(partition, len(records), value, self._written))
        self._moved()

    def grow(self, number: int) -> None:
        """Have more partitions."""
        self.partitions += [[] for _ in range(number - len(self.partitions))]
        self._moved()

    def make_anew(self) -> None:
        """Be another topic of the same name."""
        self.partitions = [[] for _ in self.partitions]
        self._moved()

    async def places(self, _: Iterable[str]) -> list[TopicPartition]:
        """The partitions."""
        await asyncio.sleep(0)
        return [TopicPartition(self.topic, number) for number in range(len(self.partitions))]

    @asynccontextmanager
    async def reader(self, **_: Any) -> AsyncIterator[Consumer]:
        """A consumer."""
        moved = asyncio.Event()
        self._readers.append(moved)
        try:
            yield Consumer(self, moved)
        finally:
            self._readers.remove(moved)

    def _moved(self) -> None:
        for each in self._readers:
            each.set()


class Consumer:
    """As much of aiokafka's as the gateway uses."""

    def __init__(self, log: Log, moved: asyncio.Event) -> None:
        self._log = log
        self._moved = moved
        self._at: dict[TopicPartition, int] = {}

    def assign(self, places: list[TopicPartition]) -> None:
        self._at = dict.fromkeys(places, 0)

    def assignment(self) -> set[TopicPartition]:
        return set(self._at)

    def seek(self, place: TopicPartition, offset: int) -> None:
        self._at[place] = offset

    def partitions_for_topic(self, _: str) -> set[int]:
        return set(range(len(self._log.partitions)))

    async def end_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        await asyncio.sleep(0)
        return {place: len(self._log.partitions[place.partition]) for place in places}

    async def position(self, place: TopicPartition) -> int:
        await asyncio.sleep(0)
        return self._at[place]

    async def getmany(self, *places: TopicPartition, timeout_ms: int) -> dict[TopicPartition, list[Record]]:
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                while not (found := self._fetched(places or tuple(self._at))):
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            return {}
        await asyncio.sleep(0)
        return found

    def _fetched(self, places: Iterable[TopicPartition]) -> dict[TopicPartition, list[Record]]:
        found = {}
        for place in places:
            at = self._at[place]
            records = self._log.partitions[place.partition]
            if at > len(records):
                self._at[place] = at = 0  # as `auto_offset_reset=earliest` does
            if some := records[at : at + AT_ONCE]:
                found[place] = some
                self._at[place] = at + len(some)
        return found
