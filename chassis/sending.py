"""Sending many messages to one topic at once, by batches: a future for each message would cost more than the message.

Faust's own `topic.send` is for single messages; this is the producer below it, with the same partitioner.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

from chassis import addresses
from chassis.settings import seconds

BATCH_BYTES = 256 * 1024

_place = DefaultPartitioner()


class Message(NamedTuple):
    """A key, which decides the partition, and a value."""

    key: bytes
    value: bytes


class Sender:
    """Sends to one topic. Connects when it is first used."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def send(self, messages: Sequence[Message]) -> None:
        """Return when the broker has acknowledged all of them; those of one key stay in order. Raises KafkaError."""
        if not messages:
            return
        producer = await self._started()
        partitions = sorted(await producer.partitions_for(self._topic))
        shares: dict[int, list[Message]] = {}
        for message in messages:
            shares.setdefault(_place(message.key, partitions, partitions), []).append(message)
        sent = [
            await producer.send_batch(batch, self._topic, partition=partition)
            for partition, share in shares.items()
            for batch in _batches(producer, share)
        ]
        await asyncio.gather(*sent)

    async def close(self) -> None:
        """Close the connections."""
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=addresses.address("kafka"),
                    acks="all",
                    max_batch_size=BATCH_BYTES,
                    request_timeout_ms=int(seconds("OMS_WORKER_REQUEST_TIMEOUT_S", 90) * 1000),
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer


def _batches(producer: AIOKafkaProducer, messages: Sequence[Message]) -> list[Any]:
    batches = [producer.create_batch()]
    for message in messages:
        if batches[-1].append(key=message.key, value=message.value, timestamp=None) is None:  # it is full
            batches.append(producer.create_batch())
            batches[-1].append(key=message.key, value=message.value, timestamp=None)
    return batches
