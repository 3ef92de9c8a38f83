"""Sends many messages to one topic in batches: a future per message would cost more than the message.

Faust's own `topic.send` is for single messages; this uses the underlying producer with the same partitioner.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from chassis import addresses
from chassis.kafka.partitions import partition_of
from chassis.settings import seconds
from contracts.sizes import RECORD_BYTES, RECORD_OVERHEAD_BYTES

BATCH_BYTES = 256 * 1024

IN_FLIGHT_BYTES = 2 * RECORD_BYTES
"""Size of the messages that are in flight and in memory at once."""


class Message(NamedTuple):
    """A key, which decides the partition, and a value."""

    key: bytes
    value: bytes


class TooLarge(Exception):
    """Messages with these keys exceed the maximum size of a record. All others were sent."""

    def __init__(self, keys: Sequence[bytes], most_bytes: int) -> None:
        super().__init__(f"{most_bytes} bytes exceed the maximum size of a record")
        self.keys = keys
        self.most_bytes = most_bytes


class Sender:
    """Sends to one topic. Connects on first use."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def send(self, messages: Iterable[Message]) -> None:
        """Return when the broker has acknowledged all messages; those of one key stay in order.

        `messages` may be a generator. Raises KafkaError, or TooLarge at the end.
        """
        too_large: dict[bytes, int] = {}
        for some in _by_size(messages, too_large):
            too_large |= await self._send(some)
        if too_large:
            raise TooLarge(list(too_large), max(too_large.values()))

    async def _send(self, messages: Sequence[Message]) -> dict[bytes, int]:
        """Send all at once. Returns the size by key of messages that the broker rejects as too large."""
        producer = await self._started()
        partitions = len(await producer.partitions_for(self._topic))
        shares: dict[int, list[Message]] = {}
        for message in messages:
            shares.setdefault(partition_of(message.key, partitions), []).append(message)
        batches = [
            (partition, batch, first)
            for partition, share in shares.items()
            for batch, first in _batches(producer, share)
        ]
        sent = [await producer.send_batch(batch, self._topic, partition=partition) for partition, batch, _ in batches]
        answers = await asyncio.gather(*sent, return_exceptions=True)
        refused = {}
        for (_, batch, first), answer in zip(batches, answers, strict=True):
            # A message larger than a batch is alone in one; our topics accept all other batches.
            if isinstance(answer, MessageSizeTooLargeError) and batch.record_count() == 1:
                refused[first.key] = len(first.value)
            elif isinstance(answer, BaseException):
                raise answer
        return refused

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
                    max_request_size=RECORD_BYTES,
                    request_timeout_ms=int(seconds("OMS_WORKER_REQUEST_TIMEOUT_S", 90) * 1000),
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer


def _by_size(messages: Iterable[Message], too_large: dict[bytes, int]) -> Iterator[list[Message]]:
    """Messages of about `IN_FLIGHT_BYTES` each time. Those over the maximum size go to `too_large`."""
    some: list[Message] = []
    size = 0
    for message in messages:
        its_size = len(message.key) + len(message.value) + RECORD_OVERHEAD_BYTES
        if its_size > RECORD_BYTES:
            too_large[message.key] = len(message.value)
            continue
        some.append(message)
        size += its_size
        if size >= IN_FLIGHT_BYTES:
            yield some
            some, size = [], 0
    if some:
        yield some


def _batches(producer: AIOKafkaProducer, messages: Sequence[Message]) -> Iterator[tuple[Any, Message]]:
    """Batches, each with the first of its messages. A batch takes its first message however large it is."""
    first, batch = messages[0], producer.create_batch()
    for message in messages:
        if batch.append(key=message.key, value=message.value, timestamp=None) is None:  # the batch is full
            yield batch, first
            first, batch = message, producer.create_batch()
            batch.append(key=message.key, value=message.value, timestamp=None)
    yield batch, first
