"""The limit: the handlers of `orders_stream` with a plain aiokafka consumer, without Faust and chunks.

python -m benchmarks.stream.limit GROUP
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from chassis import addresses
from chassis.chunks.batch import Batch, Entry, position_after
from chassis.chunks.handling import Handler
from chassis.databases.postgres import Database
from chassis.kafka.batch_producer import Sender
from contracts.catalogue import CONSUMED
from contracts.customers import ADDRESS, CUSTOMER
from contracts.orders import ORDER, ORDER_DETAIL, ORDERS_GRAPH
from contracts.products import PRODUCTS
from contracts.topics import Topic
from orders_stream import upserts
from orders_stream.agents import join_orders, project, project_customers
from orders_stream.publishing import publisher
from orders_stream.republish import Publish
from orders_stream.settings import read_model

AT_ONCE = 2000
WAITING = 4


def handlers(database: Database, publish: Publish) -> dict[str, Handler]:
    """Register handlers as in `orders_stream/agents.py`."""
    join = join_orders(database, publish)
    return {
        ORDER.name: join,
        ORDER_DETAIL.name: join,
        CUSTOMER.name: project_customers(database, publish),
        ADDRESS.name: project(database, ADDRESS, upserts.ADDRESSES),
        PRODUCTS.name: project(database, PRODUCTS, upserts.PRODUCTS),
    }


class Lane:
    """Processes fetches in order, concurrently with other lanes; an order and its lines share a lane."""

    def __init__(self, done: dict[TopicPartition, int], handle: dict[str, Handler]) -> None:
        self._waiting: asyncio.Queue[tuple[TopicPartition, list[ConsumerRecord]]] = asyncio.Queue(WAITING)
        self._done, self._handle = done, handle
        self._decoders: dict[str, tuple[Topic[Any], Callable[[bytes], Any]]] = {
            topic.name: (topic, topic.decoder()) for topic in CONSUMED
        }
        self._work = asyncio.create_task(self._for_ever())
        self._work.add_done_callback(lambda work: work.result())

    async def add(self, partition: TopicPartition, records: list[ConsumerRecord]) -> None:
        """Wait until the queue has room for another fetch."""
        await self._waiting.put((partition, records))

    async def _for_ever(self) -> None:
        while True:
            partition, records = await self._waiting.get()
            topic, decode = self._decoders[partition.topic]
            entries = [Entry(decode(record.value), record) for record in records]
            await self._handle[topic.name](Batch(topic, entries, position_after(records[-1])))
            self._done[partition] = records[-1].offset + 1


async def commit_for_ever(consumer: AIOKafkaConsumer, done: dict[TopicPartition, int]) -> None:
    """Commit processed offsets once a second, as the worker does."""
    while True:
        await asyncio.sleep(1)
        if done:
            await consumer.commit(dict(done))


async def read_for_ever(consumer: AIOKafkaConsumer, sender: Sender, database: Database) -> None:
    """Distribute fetches to the lanes."""
    handle = handlers(database, publisher(sender))
    done: dict[TopicPartition, int] = {}
    lanes: defaultdict[tuple[Handler, int], Lane] = defaultdict(lambda: Lane(done, handle))
    committing = asyncio.create_task(commit_for_ever(consumer, done))
    try:
        while True:
            fetched = await consumer.getmany(timeout_ms=200, max_records=AT_ONCE)
            for partition, records in fetched.items():
                await lanes[handle[partition.topic], partition.partition].add(partition, records)
    finally:
        committing.cancel()


async def main() -> None:
    """Read until SIGTERM."""
    broker, database = addresses.address("kafka"), read_model()
    sender = Sender(ORDERS_GRAPH.name)
    consumer = AIOKafkaConsumer(
        *(topic.name for topic in CONSUMED),
        bootstrap_servers=broker,
        group_id=sys.argv[1],
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    reading = asyncio.ensure_future(read_for_ever(consumer, sender, database))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, reading.cancel)
    try:
        await reading
    except asyncio.CancelledError:
        pass
    finally:
        await consumer.stop()
        await sender.close()
        await database.close()


if __name__ == "__main__":
    uvloop.run(main())
