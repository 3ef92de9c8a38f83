"""A consumer stops whatever it is doing: a command that only looks at Kafka must end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from aiokafka import TopicPartition

from chassis import addresses
from chassis.consumer import Consumer
from chassis.kafka.client import partitions_of
from contracts.customers import CUSTOMER

TURNS = range(12)
"""Turns of the event loop between the last call and `stop`: the fetch task is somewhere else after each."""


@pytest.fixture
async def consumer(servers: dict[str, str]) -> Consumer:
    found = Consumer(bootstrap_servers=addresses.address("kafka"), enable_auto_commit=False, fetch_max_wait_ms=60_000)
    await found.start()
    return found


@pytest.mark.parametrize("turns", TURNS)
async def test_before_anything(consumer: Consumer, turns: int) -> None:
    await _stops_after(turns, consumer)


@pytest.mark.parametrize("next_ones", [slice(0), slice(1), slice(None)], ids=["none", "one", "all"])
@pytest.mark.parametrize("turns", TURNS)
async def test_after_another_assignment_during_a_fetch(consumer: Consumer, turns: int, next_ones: slice) -> None:
    partitions = await partitions_of([CUSTOMER.name])
    await _waits_for_records(consumer, partitions)

    consumer.assign(partitions[next_ones])

    await _stops_after(turns, consumer)


async def _waits_for_records(consumer: Consumer, partitions: Sequence[TopicPartition]) -> None:
    consumer.assign(partitions)
    for partition, end in (await consumer.end_offsets(partitions)).items():
        consumer.seek(partition, end)
    assert await consumer.getmany(timeout_ms=50) == {}


async def _stops_after(turns: int, consumer: Consumer) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)
    await consumer.stop()
    assert consumer._closed
