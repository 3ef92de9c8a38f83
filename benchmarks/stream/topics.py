"""The topics of this benchmark: filled before the measurement, with the keys and the partitioner of Connect."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic

from benchmarks.stream import shop
from chassis import addresses
from chassis.kafka.client import admin
from contracts.catalogue import CONSUMED
from oms.prepare.topics import create_topics

_AT_ONCE = 2000


async def fill(orders: int) -> int:
    """Create and fill the topics. Returns the number of records."""
    await create_topics()
    producer = AIOKafkaProducer(bootstrap_servers=addresses.address("kafka"), linger_ms=5, max_batch_size=2**18)
    await producer.start()
    written = 0
    try:
        for records in _chunks(chain(shop.references(), *(shop.order(number) for number in range(orders)))):
            sent = [await producer.send(each.topic, key=each.key, value=each.value) for each in records]
            await asyncio.gather(*sent)
            written += len(records)
    finally:
        await producer.stop()
    return written


async def make_anew(name: str) -> None:
    """Recreate an empty topic with as many partitions as those of orders."""
    async with admin() as client:
        while name in await client.list_topics():
            await client.delete_topics([name])
            await asyncio.sleep(0.5)
        await client.create_topics([NewTopic(name, _PARTITIONS, 1)])


def _chunks(records: Iterable[shop.RecordToWrite]) -> Iterator[list[shop.RecordToWrite]]:
    remaining = iter(records)
    while chunk := list(islice(remaining, _AT_ONCE)):
        yield chunk


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


_PARTITIONS = CONSUMED[0].partitions
