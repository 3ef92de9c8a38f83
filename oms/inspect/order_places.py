"""Everything that each place holds of one order: its MySQL rows, its records on three topics, its read-model rows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from chassis import settings
from chassis.databases import mysql, postgres
from chassis.kafka.client import admin, reader
from contracts.orders import ORDER, ORDER_DETAIL, ORDERS_GRAPH, OrderDetailRow, OrderGraph, OrderRow
from contracts.topics import Topic
from oms.inspect import kafka
from oms.terminal import reason

Row = Mapping[str, Any]
Message = OrderRow | OrderDetailRow | OrderGraph

TOPICS: tuple[Topic[Any], ...] = (ORDER, ORDER_DETAIL, ORDERS_GRAPH)

SELECT_LINES = "SELECT * FROM order_detail WHERE order_id = %s AND lines_version = %s ORDER BY line_number"
SELECT_PROJECTED_LINES = """
SELECT * FROM order_line WHERE order_id = $1 AND NOT deleted ORDER BY lines_version, line_number
"""

LOOK_FOR_S = 60.0

MARGIN_MS = 300_000
"""How far the clocks of the service and of the broker may be apart."""


@dataclass(frozen=True)
class Record:
    """One record of the order on a topic. `message` is None for a tombstone."""

    topic: str
    partition: int
    offset: int
    time: datetime
    message: Message | None

    @property
    def position(self) -> str:
        """Topic, partition and offset."""
        return f"{self.topic}/{self.partition}@{self.offset}"


@dataclass
class Places:
    """What was found. `away` names the stores that could not be asked, with the reason."""

    order_id: UUID
    row: Row | None = None
    row_lines: list[Row] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    ends: dict[tuple[str, int], int] = field(default_factory=dict)
    heard: Row | None = None
    shown: Row | None = None
    heard_lines: list[Row] = field(default_factory=list)
    shown_lines: list[Row] = field(default_factory=list)
    progress: dict[tuple[str, int], int] = field(default_factory=dict)
    away: dict[str, str] = field(default_factory=dict)

    @property
    def is_known(self) -> bool:
        """Whether any place has heard of the order."""
        return bool(self.row or self.records or self.heard or self.shown)

    def of(self, topic: Topic[Any]) -> list[Record]:
        """The order's records on one topic, in the order of the log."""
        return [record for record in self.records if record.topic == topic.name]

    def unread(self, topic: Topic[Any]) -> int:
        """How far the read model is behind on the order's partition; 0 once it has passed the order's last record."""
        records = self.of(topic)
        if not records:
            return 0
        place = topic.name, records[-1].partition
        next_offset = self.progress.get(place, 0)
        return self.ends[place] - next_offset if records[-1].offset >= next_offset else 0

    @property
    def is_all_on_topics(self) -> bool:
        """Whether the topics have the order as MySQL has it, and have it at all where MySQL has not."""
        if self.row is None or not self.of(ORDER) or not self.of(ORDERS_GRAPH):
            return bool(self.of(ORDER))
        versions = [each.message.version for each in self.of(ORDER) if isinstance(each.message, OrderRow)]
        is_newest = max(versions, default=0) >= self.row["version"]
        return bool(is_newest and self.lines_on_topic(self.row) >= self.row["line_count"])

    def lines_on_topic(self, order: Row) -> int:
        """How many of the lines that an order's row counts are on the topic, each once however often it was sent.

        By their numbers, as the read model counts: a deletion that a repair sent is of no line that MySQL ever had.
        """
        newest: dict[UUID, OrderDetailRow] = {}
        for record in self.of(ORDER_DETAIL):
            line = record.message
            if isinstance(line, OrderDetailRow) and line.lines_version == order["lines_version"]:
                known = newest.get(line.order_detail_id)
                if known is None or known.newest_version <= line.newest_version:
                    newest[line.order_detail_id] = line
        lines = newest.values()
        return len(
            {each.line_number for each in lines if not each.is_deleted or each.line_number <= order["line_count"]}
        )


async def look_up(order_id: UUID) -> Places:
    """Ask each store, in the direction that data flows, so that a later one can only be newer."""
    places = Places(order_id)
    for store, look in (("MySQL", in_mysql), ("Kafka", on_topics), ("Postgres", in_read_model)):
        await _ask(places, store, look)
    return places


async def _ask(places: Places, store: str, look: Callable[[Places], Awaitable[None]]) -> None:
    try:
        async with asyncio.timeout(LOOK_FOR_S):
            await look(places)
    except Exception as error:  # whatever it is, the other stores have something to show
        places.away[store] = reason(error)


async def in_mysql(places: Places) -> None:
    """The order's row and its lines that count."""
    database = mysql.Database(settings.mysql("orders", "OMS_ORDERS_DB_PASSWORD", "orders"))
    try:
        async with database.reading() as connection:
            places.row = await connection.fetch_one("SELECT * FROM `order` WHERE order_id = %s", [str(places.order_id)])
            if places.row is not None:
                lines = await connection.fetch_all(SELECT_LINES, [str(places.order_id), places.row["lines_version"]])
                places.row_lines = [*lines]
    finally:
        await database.close()


async def on_topics(places: Places) -> None:
    """The order's records, found by its key in the partition each topic keeps it in.

    Topics that got more partitions have the order's older records where the key was before: somewhere else.
    """
    async with admin() as client:
        numbers = await kafka.partitions(client)
    keys = {topic.name: record_key(topic, places.order_id) for topic in TOPICS if topic.name in numbers}
    homes = [TopicPartition(name, kafka.partition_of(key, numbers[name])) for name, key in keys.items()]
    others = set(kafka.each_partition({name: numbers[name] for name in keys})) - set(homes)
    async with reader() as consumer:
        await _look_at(places, consumer, homes, keys)
        if not places.is_all_on_topics:
            await _look_at(places, consumer, list(others), keys)
    places.records.sort(key=lambda record: (record.time, record.partition, record.offset))


async def _look_at(
    places: Places, consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition], keys: Mapping[str, bytes]
) -> None:
    start_ms = max(0, made_at_ms(places.order_id) - MARGIN_MS)
    decoders = {topic.name: topic.decoder() for topic in TOPICS}
    ends = await consumer.end_offsets(list(partitions))
    places.ends |= {(partition.topic, partition.partition): end for partition, end in ends.items()}
    async for record in kafka.records_since(consumer, dict.fromkeys(partitions, start_ms), ends):
        if record.key == keys[record.topic]:
            places.records.append(_read(record, decoders[record.topic]))


async def in_read_model(places: Places) -> None:
    """The row that was heard of, the row that is shown, its lines, and how far each partition was read."""
    database = postgres.Database(settings.postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"))
    try:
        async with database.connection() as connection:
            heard = await connection.fetchrow("SELECT * FROM heard_order WHERE order_id = $1", places.order_id)
            shown = await connection.fetchrow("SELECT * FROM shown_order WHERE order_id = $1", places.order_id)
            lines = [dict(line) for line in await connection.fetch(SELECT_PROJECTED_LINES, places.order_id)]
            progress = await connection.fetch("SELECT topic, partition, next_offset FROM progress")
            places.heard, places.shown = dict(heard) if heard else None, dict(shown) if shown else None
            places.heard_lines = _lines_of(places.heard, lines)
            places.shown_lines = _lines_of(places.shown, lines)
            places.progress = {(each["topic"], each["partition"]): each["next_offset"] for each in progress}
    finally:
        await database.close()


def record_key(topic: Topic[Any], order_id: UUID) -> bytes:
    """The order's key on a topic: the very bytes, since the partition is made from them."""
    return b'{"%s":"%s"}' % (topic.key.encode(), str(order_id).encode())


def made_at_ms(order_id: UUID) -> int:
    """When the order was made, in milliseconds since 1970: a version 7 id begins with it (RFC 9562). Else 0."""
    return order_id.int >> 80 if order_id.version == 7 else 0


def _lines_of(order: Row | None, lines: Sequence[Row]) -> list[Row]:
    return [line for line in lines if order is not None and line["lines_version"] == order["lines_version"]]


def _read(record: ConsumerRecord, decode: Callable[[bytes], Message]) -> Record:
    time = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    try:
        message = decode(record.value) if record.value is not None else None
    except msgspec.MsgspecError:
        message = None
    return Record(record.topic, record.partition, record.offset, time, message)
