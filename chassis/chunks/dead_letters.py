"""Writes records that cannot be processed to `<topic>.dead-letters`, and closes the letters of successful replays."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import replace

from aiokafka import ConsumerRecord
from faust.types import AppT
from prometheus_client import Counter

from chassis.logs import logger
from chassis.retrying import attempts
from contracts.dead_letters import DeadLetter, read_letter
from contracts.topics import Topic

log = logger(__name__)

DEAD_LETTERS = Counter(
    "oms_dead_letters_total", "Records that could not be processed and became dead letters", ["topic"]
)


class DeadLetters:
    """The dead letters of a consumer group. Methods return when the broker has acknowledged.

    A replayed letter stays open until the worker closes it. The replay cannot close it: the record may fail again.
    """

    def __init__(self, app: AppT, consumer: str) -> None:
        self._app = app
        self._consumer = consumer

    def is_mine(self, record: ConsumerRecord) -> bool:
        """Whether a replayed record is for this group: others may have processed it."""
        try:
            return read_letter(record.headers).consumer == self._consumer
        except ValueError as error:
            log.error(
                "replayed record is not a dead letter", topic=record.topic, offset=record.offset, reason=str(error)
            )
            return False

    async def set_aside(self, topic: Topic, record: ConsumerRecord, reason: Exception) -> None:
        """Write the dead letter of a record. Retries until the broker acknowledges."""
        letter = letter_of(topic, record, self._consumer, reason)
        await self._send(topic, letter, record.value)
        DEAD_LETTERS.labels(topic.name).inc()
        log.error("dead letter written", identity=letter.identity, attempts=letter.attempts, reason=letter.reason)

    async def close(self, topic: Topic, records: Iterable[ConsumerRecord]) -> None:
        """Close the letters of replayed records that were processed."""
        for record in records:
            letter = read_letter(record.headers)
            await self._send(topic, letter, None)
            log.info("dead letter closed", identity=letter.identity)

    async def _send(self, topic: Topic, letter: DeadLetter, value: bytes | None) -> None:
        channel = self._app.topic(topic.dead_letters, key_serializer="raw", value_serializer="raw")
        headers = letter.headers() if value is not None else []
        async for attempt in attempts(most_s=10):
            try:
                sent = await channel.send(key=letter.identity.encode(), value=value, headers=headers)
                await sent  # `send` only queues
            except Exception as error:
                log.warning("dead letter not sent", identity=letter.identity, attempt=attempt, reason=repr(error))
            else:
                return


class DiscardedRecords(DeadLetters):
    """For records that the next one supersedes, such as heartbeats."""

    async def set_aside(self, topic: Topic, record: ConsumerRecord, reason: Exception) -> None:
        """Only log the record."""
        log.error(
            "record discarded", topic=topic.name, partition=record.partition, offset=record.offset, reason=repr(reason)
        )


def letter_of(topic: Topic, record: ConsumerRecord, consumer: str, reason: Exception) -> DeadLetter:
    """The letter of a failed record. A replayed one keeps its identity and has one attempt more."""
    description = f"{type(reason).__name__}: {reason}"
    trace = "".join(traceback.format_exception(reason))
    if record.topic == topic.replay:
        earlier = read_letter(record.headers)
        return replace(earlier, reason=description, trace=trace, attempts=earlier.attempts + 1)
    return DeadLetter(
        consumer=consumer,
        topic=topic.name,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        timestamp_ms=record.timestamp,
        reason=description,
        trace=trace,
    )
