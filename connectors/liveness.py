"""Whether anything comes from each connector: its heartbeat does every second, unless it stands still in silence."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic

from aiokafka import TopicPartition

from chassis.kafka.offsets import Offsets
from contracts.heartbeats import SOURCES


class SignsOfLife:
    """For how long nothing new was on the topics of each connector, as seen from here."""

    def __init__(self) -> None:
        self._offsets = Offsets()
        self._ends: dict[str, Mapping[TopicPartition, int]] = {}
        began = monotonic()
        self._since = {source.connector: began for source in SOURCES}

    async def look(self) -> None:
        """Look at the ends of all topics. Raises KafkaError; what was not seen to go on counts as silent."""
        for source in SOURCES:
            ends = await self._offsets.ends([topic.name for topic in (source.heartbeat, *source.topics)])
            if ends != self._ends.get(source.connector):
                self._ends[source.connector] = ends
                self.forgive(source.connector)

    def silent_s(self, connector: str) -> float:
        """The seconds for which nothing was seen to come from a connector, by its name."""
        return monotonic() - self._since[connector]

    def forgive(self, connector: str) -> None:
        """Count a connector's silence from now on: it has written, or was just started again."""
        self._since[connector] = monotonic()

    async def close(self) -> None:
        """Close the connections."""
        await self._offsets.close()
