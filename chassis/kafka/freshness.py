"""How fresh a view is: until when it holds everything that MySQL had committed.

A beat comes to its topic after all that was committed before it. So when a beat is heard, the ends of the topics beside
it are asked for; once the view has taken in all up to there, it is as fresh as the beat. That is known also when nobody
changes anything, and it stops to move when a connector, a topic or a worker does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aiokafka import TopicPartition
from prometheus_client import Gauge

from chassis.chunks.batch import Batch
from chassis.kafka.offsets import Offset, Offsets
from contracts.heartbeats import SOURCES, HeartbeatRow, Source

MOST_PENDING = 600

FRESH_UNTIL = Gauge(
    "oms_view_fresh_until_timestamp_seconds",
    "What the database had committed by then is in the view; with several workers, the newest of them counts",
    ["source"],
)

Positions = Callable[[], Awaitable[Mapping[TopicPartition, int]]]
"""The next offset of each partition that the view has taken in something of."""


@dataclass(frozen=True)
class _Pending:
    beaten_at: datetime
    ends: Offset


@dataclass(frozen=True)
class FreshUntil:
    """What `source` had committed by `moment` is in the view."""

    source: str
    moment: datetime


class Freshness:
    """Turns beats into how fresh one view is. `close` it in the end."""

    def __init__(self, positions: Positions) -> None:
        self._positions = positions
        self._offsets = Offsets()
        self._pending: dict[str, deque[_Pending]] = {}

    async def heard(self, batch: Batch) -> FreshUntil | None:
        """Take note of some beats. Returns how fresh the view is, if that is more than before. Raises KafkaError."""
        source = next(source for source in SOURCES if source.heartbeat.name == batch.topic.name)
        beats = batch.newest(source.heartbeat)
        pending = self._pending.setdefault(source.database, deque(maxlen=MOST_PENDING))
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
        """Where each partition ends; those that are empty are left out, since nobody reads them."""
        topics = [topic.name for topic in source.topics]
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
    """The databases from which these topics have rows."""
    return [source for source in SOURCES if topics & {topic.name for topic in source.topics}]
