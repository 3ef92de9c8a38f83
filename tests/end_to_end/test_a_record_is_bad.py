"""A record that nobody can use is set aside with its reason; those behind it go through."""

from __future__ import annotations

from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from chassis import addresses
from contracts.customers import CUSTOMER
from tests.builders import a_customer, graphql
from tests.comparison import assert_views_equal_mysql
from tests.eventually import eventually

RUBBISH = [
    b"not json",
    b'{"customer_id": "7"}',
    b"\xff\xfe",
    b'{"__source_ts_ms": 99999999999999999}',
    b'{"deep": ' + b"[" * 5000 + b"]" * 5000 + b"}",
]


async def test_it_goes_to_the_dead_letters_and_the_stream_goes_on() -> None:
    key = uuid4().hex.encode()
    await _send(key, RUBBISH)

    customer = await a_customer(name="Behind the rubbish")

    await eventually(lambda: _is_shown(customer["id"]))
    aside = await eventually(lambda: _set_aside(key))
    assert {record.value for record in aside} == set(RUBBISH)
    headers = dict(aside[0].headers)
    assert headers["topic"] == b"customer"
    assert headers["partition"].isdigit()
    assert headers["offset"].isdigit()
    assert headers["reason"]
    await eventually(assert_views_equal_mysql)


async def _send(key: bytes, values: list[bytes]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=addresses.address("kafka"))
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(CUSTOMER.name, value, key=key)
    finally:
        await producer.stop()


async def _set_aside(key: bytes) -> list[ConsumerRecord]:
    """The dead letters with this key, once each of the two readers of the topic has set all of them aside."""
    consumer = AIOKafkaConsumer(bootstrap_servers=addresses.address("kafka"), enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(CUSTOMER.dead_letters, 0)])
        await consumer.seek_to_beginning()
        found = [
            record
            for batch in (await consumer.getmany(timeout_ms=1000)).values()
            for record in batch
            if record.key == key
        ]
    finally:
        await consumer.stop()
    assert len(found) == len(RUBBISH) * len(CUSTOMER.readers)
    return found


async def _is_shown(customer_id: str) -> None:
    shown = await graphql("query ($id: UUID!) { customer(id: $id) { name } }", id=customer_id)
    assert shown["customer"] == {"name": "Behind the rubbish"}
