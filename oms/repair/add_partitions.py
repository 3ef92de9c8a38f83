"""`oms topics grow N`: more partitions for a live system, so that more workers can share them.

A key's partition follows from how many there are. So while the number changes nobody may write, and nothing written
before may be unread: an order's row and its lines would be in two partitions at once, and go to two workers. Orders are
placed all the while: Connect finds them in MySQL's binlog afterwards.
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
from connectors.connect_api import Connect, ConnectRefused
from contracts.catalogue import every_topic
from oms import kafka
from oms.inspect.checks import consumer_groups
from oms.terminal import console, fail

WAIT_S = 300.0

Number = Annotated[int, typer.Argument(min=1, max=1000, help="How many partitions each topic of rows is to have.")]


def grow(partitions: Number) -> None:
    """Stop the connectors, wait until all is read, add partitions, start the connectors again. Nothing is lost.

    There is no way back: Kafka removes no partition. Read docs/partitions.md first: it matters for erased people.
    """
    try:
        asyncio.run(grow_topics(partitions))
    except (KafkaError, httpx.TransportError, ConnectRefused, TimeoutError) as error:
        raise fail(f"not done: {error or type(error).__name__}; it may be run again") from None
    except ValueError as error:
        raise fail(str(error)) from None
    console.print(f"every topic of rows has {partitions} partitions; start the workers again, so that they see them")


async def grow_topics(partitions: int) -> None:
    """Give all topics that are shared out by key this many partitions.

    The connectors run again afterwards, whatever happened. Raises ValueError when a topic has more already, KafkaError,
    ConnectRefused, and TimeoutError when the workers do not get to the end.
    """
    async with admin() as client:
        present = await kafka.partitions(client)
    grown = [name for name, number, _ in every_topic() if number > 1 and name in present]
    if more := [name for name in grown if len(present[name]) > partitions]:
        raise ValueError(f"they have more partitions already, and Kafka removes none: {', '.join(more)}")
    connect = Connect()
    try:
        names = await connect.names()
        try:
            await asyncio.gather(*(connect.stop(name) for name in names))
            await _nobody_writes(connect, names)
            await _all_is_read()
            few = {name: NewPartitions(partitions) for name in grown if len(present[name]) < partitions}
            async with admin() as client:
                await client.create_partitions(few)
        finally:
            await asyncio.gather(*(connect.resume(name) for name in names))
    finally:
        await connect.close()


async def _nobody_writes(connect: Connect, names: list[str]) -> None:
    async with asyncio.timeout(WAIT_S):
        async for _ in attempts(most_s=1):
            statuses = [await connect.status(name) for name in names]
            if all(each["connector"]["state"] == "STOPPED" and not each["tasks"] for each in statuses):
                return


async def _all_is_read() -> None:
    async with asyncio.timeout(WAIT_S):
        async for _ in attempts(most_s=1):
            if all(finding.is_well for finding in await consumer_groups()):
                return
