"""Freshness of a view: the time up to which it has everything that MySQL had committed.

A heartbeat reaches its topic after all earlier commits. When one is read, the end offsets of the other topics are
requested; once the view has processed all records before them, it is as fresh as the heartbeat. This works without
other writes, and freshness stops advancing when a connector, a topic or a worker stops.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from aiokafka import TopicPartition
from prometheus_client import Gauge

from chassis.chunks.batch import Batch
from chassis.kafka.offsets import Offset, Offsets
from contracts.heartbeats import SOURCES, HeartbeatRow, Source

MAX_PENDING = 600

FRESH_UNTIL = Gauge(
    "oms_view_fresh_until_timestamp_seconds",
    "Everything that the database had committed by this time is in the view; with several workers, the newest counts",
    ["source"],
)

Positions = Callable[[], Awaitable[Mapping[TopicPartition, int]]]
"""The next offset of each partition with records in the view."""


@dataclass(frozen=True)
class _Pending:
    beaten_at: datetime
    ends: Offset


@dataclass(frozen=True)
class FreshUntil:
    """Everything that `source` had committed by `moment` is in the view."""

    source: str
    moment: datetime


class Freshness:
    """Computes the freshness of a view from heartbeats. Call `close` at the end.

    `topics` are those that the view is made of: a source has others, too, whose positions the view never has.
    """

    def __init__(self, topics: Collection[str], positions: Positions) -> None:
        self._topics = frozenset(topics)
        self._positions = positions
        self._offsets = Offsets()
        self._pending: dict[str, deque[_Pending]] = {}

    async def observe(self, batch: Batch) -> FreshUntil | None:
        """Process heartbeats. Returns the freshness of the view if it has advanced. Raises KafkaError."""
        source = next(source for source in SOURCES if source.heartbeat.name == batch.topic.name)
        beats = batch.newest(source.heartbeat)
        pending = self._pending.setdefault(source.database, deque(maxlen=MAX_PENDING))
        if beats:
            pending.append(_Pending(_latest(beats), await self._ends(source)))
        reached = await self._reached(pending)
        if reached is None:
            return None
        FRESH_UNTIL.labels(source.database).set(reached.timestamp())
        return FreshUntil(source.database, reached)

    async def close(self) -> None:
        """Close the connections."""
        await self._offsets.close()

    async def _ends(self, source: Source) -> Offset:
        """The end offset of each partition, without empty ones."""
        topics = [topic.name for topic in source.topics if topic.name in self._topics]
        begins, ends = await self._offsets.begins(topics), await self._offsets.ends(topics)
        return {partition: end for partition, end in ends.items() if end > begins[partition]}

    async def _reached(self, pending: deque[_Pending]) -> datetime | None:
        positions, reached = await self._positions(), None
        while pending and all(positions.get(each, 0) >= end for each, end in pending[0].ends.items()):
            reached = pending.popleft().beaten_at
        return reached


def _latest(beats: list[HeartbeatRow]) -> datetime:
    return max(beat.beaten_at for beat in beats)


def sources_of(topics: set[str]) -> list[Source]:
    """The source databases of these topics."""
    return [source for source in SOURCES if topics & {topic.name for topic in source.topics}]
