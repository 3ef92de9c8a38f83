"""The number of open dead letters as a metric, read from the start of their topics."""

from __future__ import annotations

from collections import Counter

from aiokafka import TopicPartition
from prometheus_client import Gauge

from chassis import addresses
from chassis.consumer import Consumer
from chassis.kafka.client import admin, timeout_ms
from chassis.logs import logger
from chassis.retrying import attempts
from contracts.catalogue import CONSUMED
from contracts.dead_letters import read_letter
from contracts.sizes import FETCH_BYTES

log = logger(__name__)

OPEN = Gauge("oms_dead_letters_open", "Dead letters that are neither processed nor dropped", ["topic", "consumer"])


async def count_for_ever() -> None:
    """Update the metric, and retry while the broker is unavailable. Keeps the identities of open letters in memory."""
    async for attempt in attempts(most_s=10):
        try:
            await _count()
        except Exception as error:
            log.warning("dead letters not counted", attempt=attempt, reason=f"{type(error).__name__}: {error}")


async def _count() -> None:
    async with admin() as client:
        if missing := {topic.dead_letters for topic in CONSUMED} - set(await client.list_topics()):
            raise LookupError(f"topics are missing: {', '.join(sorted(missing))}")
    consumer = Consumer(
        bootstrap_servers=addresses.address("kafka"),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        request_timeout_ms=timeout_ms(),
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    is_open: dict[bytes, tuple[str, str]] = {}
    try:
        await consumer.start()
        consumer.assign([TopicPartition(topic.dead_letters, 0) for topic in CONSUMED])
        while True:
            show(is_open)
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                for record in records:
                    note(is_open, record.key, record.value, record.headers)
    finally:
        await consumer.stop()


def note(
    is_open: dict[bytes, tuple[str, str]], key: bytes, value: bytes | None, headers: tuple[tuple[str, bytes], ...]
) -> None:
    """Process a record of a topic of dead letters: it opens a letter or, as a tombstone, closes it."""
    is_open.pop(key, None)
    if value is None:
        return
    try:
        letter = read_letter(headers)
    except ValueError:  # not a dead letter
        return
    is_open[key] = letter.topic, letter.consumer


def show(is_open: dict[bytes, tuple[str, str]]) -> None:
    """Set the metric, including zeros."""
    counts = Counter(is_open.values())
    for topic in CONSUMED:
        for consumer in topic.readers:
            OPEN.labels(topic.name, consumer).set(counts[topic.name, consumer])
