"""Reads how far each step lags: waiting records, and the age of the oldest; without writes, by heartbeats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis import settings
from chassis.databases import postgres
from chassis.kafka.client import admin, reader, records_between
from contracts.heartbeats import SOURCES, Source
from oms import kafka
from oms.inspect.lag_of_stores import steps_of_stores
from oms.inspect.step import Step, first_at
from oms.terminal import reason

VIEWS = {
    "orders_stream": "read model",
    "products": "search index",
    "orders": "replica of orders",
    "inventory": "inventory",
    "shipping": "shipping",
}
"""The consumer groups and their views."""

Offsets = Mapping[TopicPartition, int]


@dataclass(frozen=True)
class _Log:
    """What is on the topics of all sources: the newest heartbeat of each database, and the bounds of each partition."""

    beats: Mapping[str, datetime]
    numbers: Mapping[str, list[int]]
    begins: Offsets
    ends: Offsets


async def read_steps() -> list[Step]:
    """Every step of every database. Raises KafkaError; an unavailable read model is reported in the step."""
    progress, failure = await _progress()
    async with admin() as client, reader() as consumer:
        log = await _read(consumer, await kafka.partitions(client))
        passed = {group: await kafka.committed(client, group) for group in VIEWS}
        passed["orders_stream"] |= progress
        steps = []
        for source in SOURCES:
            beat = log.beats.get(source.database)
            steps.append(Step(source.database, f"connector {source.connector}", beat, 0, _hint(beat)))
            for group in source.heartbeat.readers:
                if group in kafka.WITHOUT_GROUP:
                    steps += await steps_of_stores(consumer, source.database, log.numbers, beat)
                    continue
                detail = failure if group == "orders_stream" else ""
                steps.append(await _view(consumer, source, group, log, passed[group], detail))
        return steps


async def _read(consumer: AIOKafkaConsumer, numbers: Mapping[str, list[int]]) -> _Log:
    """The heartbeats first: what was committed before them is before the ends."""
    heartbeats = {source.heartbeat.name: source for source in SOURCES}
    last = await kafka.bounds(consumer, kafka.each_partition({name: [0] for name in heartbeats if name in numbers}))
    beats = {}
    starts = {partition: max(0, end - 1) for partition, end in last[1].items()}
    async for record in records_between(consumer, starts, last[1]):
        source = heartbeats[record.topic]
        beats[source.database] = source.heartbeat.decoder()(record.value).beaten_at
    names = [topic.name for source in SOURCES for topic in (source.heartbeat, *source.topics)]
    partitions = kafka.each_partition({name: numbers.get(name, []) for name in names})
    return _Log(beats, numbers, *await kafka.bounds(consumer, partitions))


async def _view(
    consumer: AIOKafkaConsumer, source: Source, group: str, log: _Log, passed: Offsets, detail: str
) -> Step:
    topics = [topic for topic in (source.heartbeat, *source.topics) if group in topic.readers]
    partitions = kafka.each_partition({topic.name: log.numbers.get(topic.name, []) for topic in topics})
    if not any(partition.topic == source.heartbeat.name for partition in passed):  # it keeps no freshness
        partitions = [partition for partition in partitions if partition.topic != source.heartbeat.name]
    nexts = {partition: max(log.begins[partition], passed.get(partition, 0)) for partition in partitions}
    behind = {partition: log.ends[partition] for partition in partitions if nexts[partition] < log.ends[partition]}
    first = [await first_at(consumer, partition, nexts[partition], end) for partition, end in behind.items()]
    rows = [partition for partition in behind if partition.topic != source.heartbeat.name]
    waiting = sum(behind[partition] - nexts[partition] for partition in rows)
    name = f"{' '.join(topic.name for topic in topics[1:])} → {VIEWS[group]}"
    since = min((time for time in first if time is not None), default=log.beats.get(source.database))
    return Step(source.database, name, since, waiting, detail)


def _hint(beat: datetime | None) -> str:
    return "" if beat else "no heartbeat yet: is the connector registered?"


async def _progress() -> tuple[Offsets, str]:
    """The offsets that the read model stores: more exact than those its group commits once a second."""
    database = postgres.Database(settings.postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"))
    try:
        async with database.connection() as connection:
            rows = await connection.fetch("SELECT topic, partition, next_offset FROM progress")
        return {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}, ""
    except Exception as error:  # the committed offsets are used instead
        return {}, f"postgres is unavailable: {reason(error)}"
    finally:
        await database.close()
