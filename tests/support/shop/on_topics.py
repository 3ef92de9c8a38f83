"""Writes rows to their topics as Kafka Connect does, for tests without it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer

from chassis import addresses
from contracts.catalogue import CONSUMED
from contracts.heartbeats import SOURCES, HeartbeatRow
from contracts.rows import Row
from contracts.topics import Topic

_TOPICS: dict[type[Row], Topic[Any]] = {topic.message: topic for topic in CONSUMED}
_encode = msgspec.json.Encoder(decimal_format="string").encode


async def put(*rows: Row, partition: int | None = None) -> None:
    """Write each row to its topic, in this order. Returns once the broker has all.

    To the partition of its key, unless one is given.
    """
    await put_raw(((_TOPICS[type(row)], _key(row), _encode(row)) for row in rows), partition)


async def put_beat(database: str, row: HeartbeatRow) -> None:
    """Write a heartbeat to the topic of its database."""
    [topic] = [source.heartbeat for source in SOURCES if source.database == database]
    await put_raw([(topic, _encode({topic.key: row.heartbeat_id}), _encode(row))])


async def put_raw(records: Iterable[tuple[Topic[Any], bytes, bytes | None]], partition: int | None = None) -> None:
    """Write raw keys and values. Returns once the broker has all."""
    producer = AIOKafkaProducer(bootstrap_servers=addresses.address("kafka"))
    await producer.start()
    try:
        sent = [await producer.send(topic.name, value, key=key, partition=partition) for topic, key, value in records]
        for each in sent:
            await each
    finally:
        await producer.stop()


def _key(row: Row) -> bytes:
    name = _TOPICS[type(row)].key
    return _encode({name: getattr(row, name)})
