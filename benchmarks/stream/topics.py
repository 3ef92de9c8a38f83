"""The topics of this benchmark: filled before the measurement, with the keys and the partitioner of Connect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic
from aiokafka.producer.message_accumulator import BatchBuilder

from benchmarks.stream import shop
from benchmarks.stream.references import references
from chassis import addresses
from chassis.kafka.client import admin
from chassis.kafka.partitions import partition_of
from contracts.catalogue import CONSUMED
from contracts.orders import ORDER, ORDER_DETAIL
from oms.prepare.topics import create_topics

_PARTITIONS = CONSUMED[0].partitions


class Writer:
    """Fills batches by partition, which costs a third of sending records one by one."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._batches: dict[TopicPartition, BatchBuilder] = {}
        self.records = 0

    async def write(self, topic: str, key: bytes, value: bytes) -> None:
        """Add a record, and send the batch of its partition if it is full."""
        await self.write_to(topic, partition_of(key, _PARTITIONS), key, value, int(time() * 1000))

    async def write_to(self, topic: str, partition: int, key: bytes, value: bytes, at_ms: int) -> None:
        """Like `write`, for a partition and a time that are known."""
        target = TopicPartition(topic, partition)
        batch = self._batches.get(target) or self._producer.create_batch()
        if batch.append(key=key, value=value, timestamp=at_ms) is None:
            await self._send(target, batch)
            batch = self._producer.create_batch()
            batch.append(key=key, value=value, timestamp=at_ms)
        self._batches[target] = batch
        self.records += 1

    async def _send(self, target: TopicPartition, batch: BatchBuilder) -> None:
        batch.close()
        await self._producer.send_batch(batch, target.topic, partition=target.partition)

    async def flush(self) -> None:
        """Send what is left, and wait for all."""
        for target, batch in self._batches.items():
            await self._send(target, batch)
        await self._producer.flush()


@asynccontextmanager
async def writing() -> AsyncIterator[Writer]:
    """Write records; all are acknowledged at the end of the block."""
    producer = AIOKafkaProducer(bootstrap_servers=addresses.address("kafka"), max_batch_size=2**18)
    await producer.start()
    writer = Writer(producer)
    try:
        yield writer
        await writer.flush()
    finally:
        await producer.stop()


async def fill(orders: int) -> int:
    """Create and fill the topics. Returns the number of records."""
    await create_topics()
    async with writing() as writer:
        for each in references():
            await writer.write(each.topic, each.key, each.value)
        for number in range(orders):
            await _write_order(writer, number)
    return writer.records


async def _write_order(writer: Writer, number: int) -> None:
    key, row, lines = shop.order(number)
    partition, at_ms = partition_of(key, _PARTITIONS), int(time() * 1000)
    await writer.write_to(ORDER.name, partition, key, row, at_ms)
    for line in lines:
        await writer.write_to(ORDER_DETAIL.name, partition, key, line, at_ms)


async def make_anew(name: str) -> None:
    """Recreate an empty topic with as many partitions as those of orders."""
    async with admin() as client:
        while name in await client.list_topics():
            await client.delete_topics([name])
            await asyncio.sleep(0.5)
        await client.create_topics([NewTopic(name, _PARTITIONS, 1)])


class Ends:
    """Reads the ends of topics."""

    def __init__(self) -> None:
        self._consumer = AIOKafkaConsumer(bootstrap_servers=addresses.address("kafka"))

    async def __aenter__(self) -> Ends:
        await self._consumer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def of(self, *topics: str) -> int:
        """The sum of the end offsets of these topics."""
        partitions = [TopicPartition(topic, number) for topic in topics for number in range(_PARTITIONS)]
        return sum((await self._consumer.end_offsets(partitions)).values())

    async def of_each(self, topic: str) -> dict[int, int]:
        """The end offset of each partition of a topic."""
        partitions = [TopicPartition(topic, number) for number in range(_PARTITIONS)]
        return {each.partition: end for each, end in (await self._consumer.end_offsets(partitions)).items()}
