"""Setting aside a record that cannot be used: to `<topic>.dead-letters`, with where it came from and why."""

from __future__ import annotations

from typing import Protocol

from aiokafka import ConsumerRecord
from faust.types import AppT
from prometheus_client import Counter

from chassis.logs import logger
from chassis.retrying import attempts

log = logger(__name__)

DEAD_LETTERS = Counter("oms_dead_letters_total", "Records set aside because they could not be used", ["topic"])


class Bin(Protocol):
    """Where a record goes that cannot be used."""

    async def set_aside(self, record: ConsumerRecord, reason: Exception) -> None:
        """Return when the record is where it belongs, so that the stream can go on."""


class Dropped:
    """For records that nobody misses when the next one comes."""

    async def set_aside(self, record: ConsumerRecord, reason: Exception) -> None:
        """Say so in the log, and no more."""
        log.error("dropped", topic=record.topic, partition=record.partition, offset=record.offset, reason=repr(reason))


class DeadLetters:
    """Sends records to the dead-letter topics, and returns when the broker has them."""

    def __init__(self, app: AppT) -> None:
        self._app = app

    async def set_aside(self, record: ConsumerRecord, reason: Exception) -> None:
        """Send one record with its origin and the reason in its headers. Tries until the broker acknowledges."""
        origin = {"topic": record.topic, "partition": str(record.partition), "offset": str(record.offset)}
        headers = {**origin, "reason": f"{type(reason).__name__}: {reason}"[:500]}
        topic = self._app.topic(f"{record.topic}.dead-letters", key_serializer="raw", value_serializer="raw")
        async for attempt in attempts(most_s=10):
            try:
                sent = await topic.send(
                    key=record.key,
                    value=record.value,
                    headers={name: value.encode() for name, value in headers.items()},
                )
                await sent  # `send` only queues
            except Exception as error:
                log.warning("dead letter not sent", attempt=attempt, reason=repr(error), **origin)
            else:
                DEAD_LETTERS.labels(record.topic).inc()
                log.error("set aside", **headers)
                return
