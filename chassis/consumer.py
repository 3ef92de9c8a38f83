"""aiokafka's consumer of Kafka, with a `stop` that returns."""

from __future__ import annotations

import asyncio

from aiokafka import AIOKafkaConsumer

CANCEL_AGAIN_S = 0.1


class Consumer(AIOKafkaConsumer):  # type: ignore[misc]
    """An `AIOKafkaConsumer` that stops whatever it is doing.

    After `assign`, the fetch task cancels its requests and waits for them, and suppresses `CancelledError` there:
    also that of its own cancellation by `stop`, which then waits forever for a task that goes on. And before that task
    has run for the first time, its cancellation is raised by `stop`.
    """

    async def stop(self) -> None:
        """Leave the group and close all connections. Raises KafkaError."""
        stopping = asyncio.create_task(super().stop())  # which starts after the tasks that wait to start
        while not (await asyncio.wait({stopping}, timeout=CANCEL_AGAIN_S))[0]:
            if self._fetcher:
                self._fetcher.error_future.cancel()
        await stopping
