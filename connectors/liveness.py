"""Measures how long each connector has been silent: a running one publishes a heartbeat every second."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic

from aiokafka import TopicPartition

from chassis.kafka.offsets import Offsets
from contracts.heartbeats import SOURCES


class Liveness:
    """The time since the last new record on the topics of each connector."""

    def __init__(self) -> None:
        self._offsets = Offsets()
        self._ends: dict[str, Mapping[TopicPartition, int]] = {}
        began = monotonic()
        self._since = {source.connector: began for source in SOURCES}

    async def check(self) -> None:
        """Read the end offsets of all topics. Raises KafkaError; meanwhile the silence continues."""
        for source in SOURCES:
            ends = await self._offsets.ends([topic.name for topic in (source.heartbeat, *source.topics)])
            if ends != self._ends.get(source.connector):
                self._ends[source.connector] = ends
                self.reset_silence(source.connector)

    def silent_s(self, connector: str) -> float:
        """The seconds since the last new record of a connector."""
        return monotonic() - self._since[connector]

    def reset_silence(self, connector: str) -> None:
        """Restart the time of a connector: it published a record, or was restarted."""
        self._since[connector] = monotonic()

    async def close(self) -> None:
        """Close the connections."""
        await self._offsets.close()
