"""Reads how far each store is behind the reservations of its units."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.chunks.batch import position_after
from chassis.kafka.client import records_between
from chassis.kafka.partitions import partition_of
from contracts.inventory import RESERVATION
from oms import kafka
from oms.inspect.order_trace import record_key
from oms.inspect.step import Step, first_at
from oms.inspect.store_databases import cdc_database, read_positions
from oms.terminal import reason

STORES = "stores"
"""The reader of `contracts/inventory.py` that is no consumer group: each store reads one partition by itself."""


async def steps_of_stores(
    consumer: AIOKafkaConsumer, database: str, partitions: int, beat: datetime | None
) -> list[Step]:
    """A step from the database for each store; one without a time if MySQL is unavailable."""
    name = f"{RESERVATION.name} → store"
    if not partitions:
        return [Step(database, name, None, 0, "its topic is missing: run oms topics create")]
    try:
        mysql = cdc_database()
        try:
            async with mysql.reading() as connection:
                stores = await read_positions(connection)
        finally:
            await mysql.close()
    except Exception as error:  # the other steps are shown all the same
        return [Step(database, name, None, 0, f"mysql is unavailable: {reason(error)}")]
    return [
        Step(database, f"{name} {store}", since or beat, waiting)
        for store, passed in stores.items()
        for since, waiting in [await _behind(consumer, store, passed, partitions)]
    ]


async def _behind(
    consumer: AIOKafkaConsumer, store: str, passed: Mapping[TopicPartition, int], partitions: int
) -> tuple[datetime | None, int]:
    """When the first reservation was written that a store has not read, and how many those are.

    Reservations of other stores in its partition do not count, unless there are too many to be read here.
    """
    key = record_key(RESERVATION, store)
    partition = TopicPartition(RESERVATION.name, partition_of(key, partitions))
    begin, end = (each[partition] for each in await kafka.bounds(consumer, [partition]))
    start = max(begin, passed.get(partition, 0))
    if end - start > kafka.MAX_COUNTED:
        return await first_at(consumer, partition, start, end), end - start
    since, waiting = None, 0
    async for record in records_between(consumer, {partition: start}, {partition: end}):
        if record.key == key:
            since, waiting = since or position_after(record).committed_at, waiting + 1
    return since, waiting
