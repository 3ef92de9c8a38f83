"""Looks up one order in MySQL, on the topics and in the read model."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from chassis import settings
from chassis.databases import mysql, postgres
from chassis.kafka.client import admin, reader
from chassis.kafka.partitions import partition_of
from contracts.orders import ORDER, ORDER_DETAIL, ORDERS_GRAPH
from contracts.topics import Topic
from oms import kafka
from oms.inspect.order_trace import Message, OrderTrace, Record, Waiting, made_at_ms, record_key
from oms.terminal import reason

TOPICS: tuple[Topic[Any], ...] = (ORDER, ORDER_DETAIL, ORDERS_GRAPH)

SELECT_LINES = "SELECT * FROM order_detail WHERE order_id = %s AND lines_version = %s ORDER BY line_number"
SELECT_WAITING = """
SELECT topic, value::text, received_at FROM incomplete_order WHERE order_id = $1 ORDER BY topic, version, row_id
"""

TIMEOUT_S = 60.0

CLOCK_SKEW_MS = 300_000
"""Largest difference expected between the clocks of the service and of the broker."""


async def look_up(order_id: UUID) -> OrderTrace:
    """Query MySQL, Kafka and Postgres, in the direction of data flow, so that a later one can only be newer."""
    trace = OrderTrace(order_id)
    for name, query in (("MySQL", in_mysql), ("Kafka", on_topics), ("Postgres", in_read_model)):
        await _query(trace, name, query)
    return trace


async def _query(trace: OrderTrace, name: str, query: Callable[[OrderTrace], Awaitable[None]]) -> None:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await query(trace)
    except Exception as error:  # the other results are shown all the same
        trace.unavailable[name] = reason(error, TIMEOUT_S)


async def in_mysql(trace: OrderTrace) -> None:
    """Add the order's row and its current lines."""
    database = mysql.Database(settings.mysql("orders", "OMS_ORDERS_DB_PASSWORD", "orders"))
    try:
        async with database.reading() as connection:
            trace.row = await connection.fetch_one("SELECT * FROM `order` WHERE order_id = %s", [str(trace.order_id)])
            if trace.row is not None:
                lines = await connection.fetch_all(SELECT_LINES, [str(trace.order_id), trace.row["lines_version"]])
                trace.row_lines = [*lines]
    finally:
        await database.close()


async def on_topics(trace: OrderTrace) -> None:
    """Add the order's records, found by key in its partition of each topic.

    Topics to which partitions were added may have older records of the key in another partition.
    """
    async with admin() as client:
        numbers = await kafka.partitions(client)
    keys = {topic.name: record_key(topic, trace.order_id) for topic in TOPICS if topic.name in numbers}
    current = [TopicPartition(name, partition_of(key, len(numbers[name]))) for name, key in keys.items()]
    former = set(kafka.each_partition({name: numbers[name] for name in keys})) - set(current)
    async with reader() as consumer:
        await _add_records(trace, consumer, current, keys)
        if not trace.is_all_on_topics:
            await _add_records(trace, consumer, list(former), keys)
    trace.records.sort(key=lambda record: (record.time, record.partition, record.offset))


async def _add_records(
    trace: OrderTrace, consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition], keys: Mapping[str, bytes]
) -> None:
    start_ms = max(0, made_at_ms(trace.order_id) - CLOCK_SKEW_MS)
    decoders = {topic.name: topic.decoder() for topic in TOPICS}
    ends = await consumer.end_offsets(list(partitions))
    trace.ends |= {(partition.topic, partition.partition): end for partition, end in ends.items()}
    async for record in kafka.records_since(consumer, dict.fromkeys(partitions, start_ms), ends):
        if record.key == keys[record.topic]:
            trace.records.append(_decoded(record, decoders[record.topic]))


async def in_read_model(trace: OrderTrace) -> None:
    """Add the order as it is shown, its lines, the rows that wait for others, and the progress of each partition."""
    database = postgres.Database(settings.postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"))
    try:
        async with database.connection() as connection:
            shown = await connection.fetchrow("SELECT * FROM sales_order WHERE order_id = $1", trace.order_id)
            lines = await connection.fetch("SELECT * FROM order_line WHERE order_id = $1", trace.order_id)
            waiting = await connection.fetch(SELECT_WAITING, trace.order_id)
            progress = await connection.fetch("SELECT topic, partition, next_offset FROM progress")
            trace.shown = dict(shown) if shown else None
            trace.shown_lines = [dict(line) for line in lines]
            decoders = {topic.name: topic.decoder() for topic in (ORDER, ORDER_DETAIL)}
            trace.waiting = [Waiting(decoders[topic](value.encode()), since) for topic, value, since in waiting]
            trace.progress = {(each["topic"], each["partition"]): each["next_offset"] for each in progress}
    finally:
        await database.close()


def _decoded(record: ConsumerRecord, decode: Callable[[bytes], Message]) -> Record:
    time = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    try:
        message = decode(record.value) if record.value is not None else None
    except msgspec.MsgspecError:
        message = None
    return Record(record.topic, record.partition, record.offset, time, message)
