"""One step of the data flow and how far it lags."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.chunks.batch import position_after
from chassis.kafka.client import records_between


@dataclass(frozen=True)
class Step:
    """One step from a database to a view. `since` is None when its database never sent a heartbeat."""

    database: str
    name: str
    since: datetime | None
    waiting: int
    detail: str = ""

    def lag_s(self, now: datetime) -> float:
        """Age of the oldest waiting change in seconds; small differences of clocks count as 0."""
        return max(0.0, (now - self.since).total_seconds()) if self.since else float("inf")

    def is_within(self, limit_s: float, now: datetime) -> bool:
        """Whether the lag is known and at most `limit_s`."""
        return self.lag_s(now) <= limit_s


async def first_at(consumer: AIOKafkaConsumer, partition: TopicPartition, start: int, end: int) -> datetime | None:
    """When MySQL committed the first record at or after an offset; None if there is none."""
    async for record in records_between(consumer, {partition: start}, {partition: end}):
        return position_after(record).committed_at
    return None
