"""Makes the broker compact topics at once instead of within a week."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from chassis.kafka.client import admin
from contracts.catalogue import TOPICS
from contracts.topics import Kind

COMPACTED = [topic for topic in TOPICS if topic.kind is Kind.STATE]

AT_ONCE = {
    "segment.ms": "100",
    "min.cleanable.dirty.ratio": "0.0",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": "100",
}
"""Compaction within seconds instead of days."""


@asynccontextmanager
async def compacted_at_once() -> AsyncIterator[None]:
    """Let the broker clean the compacted topics now, and restore their settings afterwards.

    A segment is cleaned once a later record has closed it, so the test must keep writing.
    """
    await _set(AT_ONCE)
    try:
        yield
    finally:
        await _set({})


async def _set(more: Mapping[str, str]) -> None:
    settings: Sequence[ConfigResource] = [
        ConfigResource(ConfigResourceType.TOPIC, topic.name, configs={**topic.settings, **more}) for topic in COMPACTED
    ]
    async with admin() as client:
        await client.alter_configs(settings)
