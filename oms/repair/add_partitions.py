"""`oms topics add-partitions N`: adds partitions to the topics of a live system, so that more workers can share them.

The partition of a key depends on their number. So while it changes, nothing may be written, and nothing written before
may be unread: the rows of an order and its lines would be in different partitions, and go to different workers. Orders
can be placed meanwhile: Connect reads them from the binlog afterwards.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

import httpx
import typer
from aiokafka.admin import NewPartitions
from aiokafka.errors import KafkaError

from chassis.kafka.client import admin
from chassis.retrying import attempts
from connectors.connect_api import Connect, ConnectError
from contracts.catalogue import every_topic
from oms import kafka
from oms.inspect.checks import consumer_groups, store_readers
from oms.terminal import console, fail, reason

TIMEOUT_S = 300.0

Number = Annotated[int, typer.Argument(min=1, max=1000, help="Number of partitions of each topic of rows.")]


def add_partitions(partitions: Number) -> None:
    """Add partitions to every topic of rows. Pauses the connectors until all records are read.

    It cannot be undone: Kafka removes no partition. Read docs/partitions.md first, about erased people.
    """
    try:
        asyncio.run(add_to_topics(partitions))
    except (KafkaError, httpx.TransportError, ConnectError, TimeoutError) as error:
        raise fail(f"no partitions added: {reason(error, TIMEOUT_S)}. Run it again to retry") from None
    except ValueError as error:
        raise fail(str(error)) from None
    console.print(f"every topic of rows has {partitions} partitions; restart the workers, so that they use them")
    console.print(
        "stores read their new partition by themselves; for one that was offline: oms stores resync ID, or --all"
    )


async def add_to_topics(partitions: int) -> None:
    """Give all topics that are partitioned by key this many partitions.

    The connectors are resumed in any case. Raises ValueError if a topic has more partitions, KafkaError, ConnectError,
    and TimeoutError if the workers do not read everything in time.
    """
    async with admin() as client:
        present = await kafka.partitions(client)
    keyed = [name for name, number, _ in every_topic() if number > 1 and name in present]
    if more := [name for name in keyed if len(present[name]) > partitions]:
        raise ValueError(f"Kafka cannot remove partitions; these topics have more: {', '.join(more)}")
    connect = Connect()
    try:
        names = await connect.names()
        try:
            await asyncio.gather(*(connect.stop(name) for name in names))
            await _until_connectors_are_stopped(connect, names)
            await _until_everything_is_read()
            missing = {name: NewPartitions(partitions) for name in keyed if len(present[name]) < partitions}
            async with admin() as client:
                await client.create_partitions(missing)
        finally:
            await asyncio.gather(*(connect.resume(name) for name in names))
    finally:
        await connect.close()


async def _until_connectors_are_stopped(connect: Connect, names: list[str]) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        async for _ in attempts(most_s=1):
            statuses = [await connect.status(name) for name in names]
            if all(each["connector"]["state"] == "STOPPED" and not each["tasks"] for each in statuses):
                return


async def _until_everything_is_read() -> None:
    async with asyncio.timeout(TIMEOUT_S):
        async for _ in attempts(most_s=1):
            if all(finding.is_well for finding in (*await consumer_groups(), *await store_readers())):
                return
