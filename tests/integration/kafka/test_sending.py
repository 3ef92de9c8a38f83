"""Many messages to one topic: each in the partition of its key, in order, and none acknowledged before it is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic

from chassis import addresses
from chassis.consumer import Consumer
from chassis.kafka import batch_producer
from chassis.kafka.batch_producer import BATCH_BYTES, Message, Sender, TooLarge
from chassis.kafka.client import admin

TOPIC, PARTITIONS = "test-sending", 3


@pytest.fixture
async def sender(servers: dict[str, str]) -> AsyncIterator[Sender]:
    async with admin() as client:
        if TOPIC not in await client.list_topics():
            await client.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])
    opened = Sender(TOPIC)
    yield opened
    await opened.close()


async def arrived(since: dict[TopicPartition, int]) -> dict[int, list[tuple[bytes | None, bytes | None]]]:
    """What is on the topic behind these offsets, by partition."""
    found = {}
    async with Consumer(bootstrap_servers=addresses.address("kafka")) as consumer:
        consumer.assign(list(since))
        ends = await consumer.end_offsets(list(since))
        for place, offset in since.items():
            consumer.seek(place, offset)
            records = [await consumer.getone(place) for _ in range(ends[place] - offset)]
            found[place.partition] = [(record.key, record.value) for record in records]
    return found


async def ends() -> dict[TopicPartition, int]:
    async with Consumer(bootstrap_servers=addresses.address("kafka")) as consumer:
        return dict(await consumer.end_offsets([TopicPartition(TOPIC, number) for number in range(PARTITIONS)]))


async def test_more_than_one_batch_arrives_whole_and_in_order(sender: Sender) -> None:
    before, filler = await ends(), b"x" * (BATCH_BYTES // 10)
    messages = [Message(b"key %d" % (number % 5), b"%d %s" % (number, filler)) for number in range(200)]

    await sender.send(messages)

    found = await arrived(before)
    for key in {message.key for message in messages}:
        values = [value for share in found.values() for its_key, value in share if its_key == key]
        assert values == [message.value for message in messages if message.key == key]
    assert sum(map(len, found.values())) == len(messages)


async def test_a_key_has_the_partition_that_other_producers_give_it(sender: Sender) -> None:
    keys = [b'{"id":"%d"}' % number for number in range(50)]
    async with AIOKafkaProducer(bootstrap_servers=addresses.address("kafka")) as producer:
        theirs = {key: (await (await producer.send(TOPIC, key=key, value=b"theirs"))).partition for key in keys}
    before = await ends()

    await sender.send([Message(key, b"ours") for key in keys])

    assert {key: number for number, share in (await arrived(before)).items() for key, _ in share} == theirs


async def test_nothing_to_send_is_sent_at_once(sender: Sender) -> None:
    before = await ends()

    await sender.send([])

    assert await ends() == before


async def test_many_may_send_at_once_before_it_is_connected(sender: Sender) -> None:
    before = await ends()

    await asyncio.gather(*(sender.send([Message(b"key", b"%d" % number)]) for number in range(20)))

    assert sum(map(len, (await arrived(before)).values())) == 20


@pytest.mark.parametrize(("limit", "size"), [(500_000, 600_000), (2_000_000, 1_200_000)], ids=["ours", "the broker's"])
async def test_what_is_too_large_stays_behind_and_all_others_arrive(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, limit: int, size: int
) -> None:
    monkeypatch.setattr(batch_producer, "RECORD_BYTES", limit)
    before = await ends()
    large = [Message(b"large %d" % number, b"x" * size) for number in range(2)]
    others = [Message(b"key %d" % number, b"x" * 100_000) for number in range(40)]

    with pytest.raises(TooLarge, match=f"{size} bytes") as error:
        await sender.send(each for each in [*others[:20], *large, *others[20:]])

    assert sorted(error.value.keys) == [message.key for message in large]
    found = await arrived(before)
    assert sorted(key or b"" for share in found.values() for key, _ in share) == sorted(each.key for each in others)


async def test_messages_are_made_as_they_are_sent(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_producer, "IN_FLIGHT_BYTES", 1_000_000)
    before, seen = await ends(), []

    def made() -> Iterator[Message]:
        for number in range(30):
            seen.append(acknowledged)
            yield Message(b"key", b"%d" % number + b"x" * 400_000)

    acknowledged = 0
    send = Sender._send

    async def counted(self: Sender, messages: Sequence[Message]) -> dict[bytes, int]:
        nonlocal acknowledged
        refused = await send(self, messages)
        acknowledged += len(messages)
        return refused

    monkeypatch.setattr(Sender, "_send", counted)
    await sender.send(made())

    assert all(number - behind <= 3 for number, behind in enumerate(seen))
    [share] = [share for share in (await arrived(before)).values() if share]
    assert [value[:2].rstrip(b"x") for _, value in share if value] == [b"%d" % number for number in range(30)]
