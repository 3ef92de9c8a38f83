"""How far each step is behind: what waits before it, and since when. The heartbeats say so when nothing else flows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis import settings
from chassis.chunks.batch import position_after
from chassis.databases import postgres
from chassis.kafka.client import admin, reader, records_between
from contracts.heartbeats import SOURCES, Source
from oms import kafka
from oms.terminal import reason

VIEWS = {"orders_stream": "read model", "products": "search index", "orders": "replica of orders"}
"""The consumer groups, and what each of them keeps."""

Offsets = Mapping[TopicPartition, int]


@dataclass(frozen=True)
class Step:
    """One step on the way from a database. `since` is None when nothing was ever heard of the database."""

    database: str
    name: str
    since: datetime | None
    waiting: int
    detail: str = ""

    def lag_s(self, now: datetime) -> float:
        """For how many seconds what comes next has waited; clocks may differ a little, which is no lag."""
        return max(0.0, (now - self.since).total_seconds()) if self.since else float("inf")

    def is_within(self, limit_s: float, now: datetime) -> bool:
        """Whether the lag is known and not longer than this."""
        return self.lag_s(now) <= limit_s


async def look() -> list[Step]:
    """Every step of every database. Raises KafkaError; a read model that is away is said in its steps."""
    progress, why_not = await _progress()
    async with admin() as client, reader() as consumer:
        numbers = await kafka.partitions(client)
        steps = []
        for source in SOURCES:
            beat = await _last_beat(consumer, source)
            steps.append(Step(source.database, f"connector {source.connector}", beat, 0, _said(beat)))
            for group in source.heartbeat.readers:
                passed = {**await kafka.committed(client, group), **(progress if group == "orders_stream" else {})}
                detail = why_not if group == "orders_stream" else ""
                steps.append(await _view(consumer, source, group, numbers, passed, beat, detail))
        return steps


async def _view(
    consumer: AIOKafkaConsumer,
    source: Source,
    group: str,
    numbers: Mapping[str, list[int]],
    passed: Offsets,
    beat: datetime | None,
    detail: str,
) -> Step:
    topics = [topic for topic in (source.heartbeat, *source.topics) if group in topic.readers]
    places = kafka.each_partition({topic.name: numbers.get(topic.name, []) for topic in topics})
    begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    nexts = {place: max(begins[place], passed.get(place, 0)) for place in places}
    behind = {place: ends[place] for place in places if nexts[place] < ends[place]}
    since = [moment for place, end in behind.items() if (moment := await _first(consumer, place, nexts[place], end))]
    rows = [place for place in behind if place.topic != source.heartbeat.name]
    waiting = sum(behind[place] - nexts[place] for place in rows)
    name = f"{' '.join(topic.name for topic in topics[1:])} → {VIEWS[group]}"
    return Step(source.database, name, min(since, default=beat), waiting, detail)


async def _first(consumer: AIOKafkaConsumer, place: TopicPartition, start: int, end: int) -> datetime | None:
    """When MySQL committed the first record from an offset on; None where the log has only gaps."""
    async for record in records_between(consumer, {place: start}, {place: end}):
        return position_after(record).committed_at
    return None


async def _last_beat(consumer: AIOKafkaConsumer, source: Source) -> datetime | None:
    place = TopicPartition(source.heartbeat.name, 0)
    end = (await consumer.end_offsets([place]))[place]
    decode = source.heartbeat.decoder()
    beaten_at = None
    async for record in records_between(consumer, {place: max(0, end - 1)}, {place: end}):
        beaten_at = decode(record.value).beaten_at
    return beaten_at


def _said(beat: datetime | None) -> str:
    return "" if beat else "no heartbeat yet: is the connector registered?"


async def _progress() -> tuple[Offsets, str]:
    """How far the read model is, by itself: more exact than what its group commits once a second."""
    database = postgres.Database(settings.postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"))
    try:
        async with database.connection() as connection:
            rows = await connection.fetch("SELECT topic, partition, next_offset FROM progress")
        return {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}, ""
    except Exception as error:  # what its group has committed still says something
        return {}, f"postgres could not be asked: {reason(error)}"
    finally:
        await database.close()
