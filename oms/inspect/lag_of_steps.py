"""Reads how far each step lags: waiting records, and the age of the oldest; without writes, by heartbeats."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis import settings
from chassis.databases import postgres
from chassis.kafka.client import admin, reader, records_between
from contracts.heartbeats import SOURCES, Source
from contracts.inventory import RESERVATION
from oms import kafka
from oms.inspect.lag_of_stores import steps_of_stores
from oms.inspect.step import Step, first_at
from oms.terminal import reason

VIEWS = {
    "orders_stream": "read model",
    "products": "search index",
    "orders": "replica of orders",
    "inventory": "inventory",
}
"""The consumer groups and their views."""

Offsets = Mapping[TopicPartition, int]


async def read_steps() -> list[Step]:
    """Every step of every database. Raises KafkaError; an unavailable read model is reported in the step."""
    progress, failure = await _progress()
    async with admin() as client, reader() as consumer:
        numbers = await kafka.partitions(client)
        steps = []
        for source in SOURCES:
            beat = await _last_beat(consumer, source)
            steps.append(Step(source.database, f"connector {source.connector}", beat, 0, _hint(beat)))
            for group in source.heartbeat.readers:
                if group in kafka.WITHOUT_GROUP:
                    count = len(numbers.get(RESERVATION.name, []))
                    steps += await steps_of_stores(consumer, source.database, count, beat)
                    continue
                passed = {**await kafka.committed(client, group), **(progress if group == "orders_stream" else {})}
                detail = failure if group == "orders_stream" else ""
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
    partitions = kafka.each_partition({topic.name: numbers.get(topic.name, []) for topic in topics})
    if not any(partition.topic == source.heartbeat.name for partition in passed):  # it keeps no freshness
        partitions = [partition for partition in partitions if partition.topic != source.heartbeat.name]
    begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
    nexts = {partition: max(begins[partition], passed.get(partition, 0)) for partition in partitions}
    behind = {partition: ends[partition] for partition in partitions if nexts[partition] < ends[partition]}
    since = [
        time
        for partition, end in behind.items()
        if (time := await first_at(consumer, partition, nexts[partition], end))
    ]
    rows = [partition for partition in behind if partition.topic != source.heartbeat.name]
    waiting = sum(behind[partition] - nexts[partition] for partition in rows)
    name = f"{' '.join(topic.name for topic in topics[1:])} → {VIEWS[group]}"
    return Step(source.database, name, min(since, default=beat), waiting, detail)


async def _last_beat(consumer: AIOKafkaConsumer, source: Source) -> datetime | None:
    partition = TopicPartition(source.heartbeat.name, 0)
    end = (await consumer.end_offsets([partition]))[partition]
    decode = source.heartbeat.decoder()
    beaten_at = None
    async for record in records_between(consumer, {partition: max(0, end - 1)}, {partition: end}):
        beaten_at = decode(record.value).beaten_at
    return beaten_at


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
