"""Start, end and committed offsets of topics, by one reused client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaTimeoutError

from chassis import addresses
from chassis.consumer import Consumer
from chassis.kafka.client import partitions_of, timeout_ms

Answer = TypeVar("Answer")

Offset = dict[TopicPartition, int]


class Offsets:
    """A client for offsets only. It connects on first use, and again after an error.

    Each question has `OMS_KAFKA_TIMEOUT_S`; after that, KafkaTimeoutError is raised.
    """

    def __init__(self, group: str | None = None) -> None:
        self._group = group
        self._consumer: AIOKafkaConsumer | None = None
        self._partitions: dict[str, list[TopicPartition]] = {}

    async def ends(self, topics: Iterable[str]) -> Offset:
        """The offset after the last record of each partition of these topics. Raises KafkaError."""
        return await self._ask(topics, AIOKafkaConsumer.end_offsets)

    async def begins(self, topics: Iterable[str]) -> Offset:
        """The offset of the first record of each partition of these topics. Raises KafkaError."""
        return await self._ask(topics, AIOKafkaConsumer.beginning_offsets)

    async def committed(self, topics: Iterable[str]) -> Offset:
        """The committed offsets of the group, without partitions that have none. Raises KafkaError."""

        async def ask(consumer: AIOKafkaConsumer, partitions: list[TopicPartition]) -> Offset:
            found = {partition: await consumer.committed(partition) for partition in partitions}
            return {partition: offset for partition, offset in found.items() if offset is not None}

        return await self._ask(topics, ask)

    async def close(self) -> None:
        """Close the connection."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

    async def _ask(
        self, topics: Iterable[str], question: Callable[[AIOKafkaConsumer, list[TopicPartition]], Awaitable[Answer]]
    ) -> Answer:
        try:
            async with asyncio.timeout(timeout_ms() / 1000):  # the client waits for a coordinator without limit
                partitions = [each for topic in topics for each in await self._of(topic)]
                return await question(await self._opened(), partitions)
        except Exception as error:
            await self.close()
            if isinstance(error, TimeoutError):
                raise KafkaTimeoutError(f"no answer in {timeout_ms() / 1000:g} s") from error
            raise

    async def _opened(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = Consumer(
                bootstrap_servers=addresses.address("kafka"),
                group_id=self._group,
                enable_auto_commit=False,
                request_timeout_ms=timeout_ms(),
            )
            try:
                await consumer.start()
            except BaseException:
                await consumer.stop()
                raise
            self._consumer = consumer
        return self._consumer

    async def _of(self, topic: str) -> list[TopicPartition]:
        if topic not in self._partitions:
            self._partitions[topic] = sorted(await partitions_of([topic]))
        return self._partitions[topic]
