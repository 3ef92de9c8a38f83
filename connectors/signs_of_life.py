"""Whether anything comes from each connector: its heartbeat does every second, unless it stands still in silence."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic

from aiokafka import TopicPartition

from chassis.offsets import Offsets
from contracts.heartbeats import SOURCES


class SignsOfLife:
    """For how long nothing new was on the topics of each connector, as seen from here."""

    def __init__(self) -> None:
        self._offsets = Offsets()
        self._ends: dict[str, Mapping[TopicPartition, int]] = {}
        self._since: dict[str, float] = {}

    async def look(self) -> dict[str, float]:
        """The seconds for which each connector, by name, has written nothing. Raises KafkaError."""
        return {
            source.connector: await self._silent_s(
                source.connector, [topic.name for topic in (source.heartbeat, *source.topics)]
            )
            for source in SOURCES
        }

    def forgive(self, connector: str) -> None:
        """Count a connector's silence from now on: it was just started again."""
        self._since[connector] = monotonic()

    async def close(self) -> None:
        """Close the connections."""
        await self._offsets.close()

    async def _silent_s(self, connector: str, topics: list[str]) -> float:
        ends = await self._offsets.ends(topics)
        if ends != self._ends.get(connector):
            self._ends[connector] = ends
            self._since[connector] = monotonic()
        return monotonic() - self._since[connector]
