"""How fresh a view is, by the heartbeats; and where a worker starts whose view lacks what was committed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from chassis import addresses
from chassis.consumer import Consumer
from chassis.kafka.freshness import Freshness, FreshUntil
from chassis.kafka.offsets import Offset, Offsets
from chassis.kafka.rewind import rewind
from contracts.heartbeats import SOURCES, HeartbeatRow
from contracts.products import PRODUCTS
from tests.support.shop.rows import NOON, a_batch

[SOURCE] = [source for source in SOURCES if source.database == "products"]


class View:
    """What a view has taken in."""

    def __init__(self) -> None:
        self.positions: Offset = {}

    async def __call__(self) -> Offset:
        return self.positions


@pytest.fixture
def view() -> View:
    return View()


@pytest.fixture
async def freshness(servers: dict[str, str], view: View) -> AsyncIterator[Freshness]:
    opened = Freshness([PRODUCTS.name], view)
    yield opened
    await opened.close()


async def ends() -> Offset:
    offsets = Offsets()
    try:
        return await offsets.ends([PRODUCTS.name])
    finally:
        await offsets.close()


async def write(*partitions: int, topic: str = PRODUCTS.name) -> None:
    """A record to each of these partitions of the topic."""
    producer = AIOKafkaProducer(bootstrap_servers=addresses.address("kafka"))
    await producer.start()
    try:
        for partition in partitions:
            await producer.send_and_wait(topic, b"{}", key=uuid4().bytes, partition=partition)
    finally:
        await producer.stop()


async def beat(freshness: Freshness, moment: datetime) -> FreshUntil | None:
    return await freshness.observe(
        a_batch(SOURCE.heartbeat, [HeartbeatRow(heartbeat_id=1, beaten_at=moment, version=int(moment.timestamp()))])
    )


async def test_a_view_is_as_fresh_as_the_last_beat_before_which_it_has_everything(
    freshness: Freshness, view: View
) -> None:
    later = NOON + timedelta(seconds=1)
    await write(0, 1)
    view.positions = await ends()

    first = await beat(freshness, NOON)
    await write(1)
    behind = await beat(freshness, later)
    view.positions = await ends()
    caught_up = await beat(freshness, later + timedelta(seconds=1))

    assert first == FreshUntil("products", NOON)
    assert behind is None
    assert caught_up == FreshUntil("products", later + timedelta(seconds=1))


async def test_a_view_that_never_quite_catches_up_is_as_fresh_as_what_it_has_passed(
    freshness: Freshness, view: View
) -> None:
    await write(0)
    before = await ends()
    view.positions = dict.fromkeys(before, 0)
    behind = await beat(freshness, NOON)
    await write(0)
    view.positions = before

    passed = await beat(freshness, NOON + timedelta(seconds=1))

    assert behind is None
    assert passed == FreshUntil("products", NOON)


@pytest.mark.parametrize("topic", [topic.name for topic in SOURCE.topics if topic is not PRODUCTS])
async def test_a_view_is_fresh_without_the_topics_that_it_does_not_read(
    freshness: Freshness, view: View, topic: str
) -> None:
    await write(0)
    await write(0, topic=topic)
    view.positions = await ends()

    assert await beat(freshness, NOON) == FreshUntil("products", NOON)


async def test_a_worker_starts_where_its_view_is_and_not_where_its_group_was(servers: dict[str, str]) -> None:
    group = f"group-{uuid4().hex}"
    await write(0, 0, 1, 1, 2)
    there = await ends()
    await commit(group, there)
    restored = {TopicPartition(PRODUCTS.name, 0): 1, TopicPartition(PRODUCTS.name, 1): there[place(1)] + 7}

    await rewind(group, [PRODUCTS.name], restored)

    assert await committed(group) == {place(0): 1, place(1): there[place(1)], place(2): 0}


def place(partition: int) -> TopicPartition:
    return TopicPartition(PRODUCTS.name, partition)


async def commit(group: str, offsets: Offset) -> None:
    consumer = Consumer(bootstrap_servers=addresses.address("kafka"), group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(list(offsets))
        await consumer.commit(offsets)
    finally:
        await consumer.stop()


async def committed(group: str) -> Offset:
    offsets = Offsets(group)
    try:
        return await offsets.committed([PRODUCTS.name])
    finally:
        await offsets.close()
