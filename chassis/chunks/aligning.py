"""Chooses the records of several topics that are processed together: those before the same time.

An order and its lines are in two topics. A reader that is ahead in one of them would find half of each order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from math import inf
from operator import attrgetter

from aiokafka import ConsumerRecord
from faust.types import TP

from chassis.chunks.chunk import Chunk

_time_of = attrgetter("timestamp")


class Lane:
    """The waiting chunks of the partitions with one number."""

    def __init__(self) -> None:
        self._queues: dict[TP, _Queue] = {}

    def add(self, chunk: Chunk) -> None:
        """Queue the chunk behind those of its partition."""
        self._queues.setdefault(chunk.partition, _Queue()).add(chunk)

    def has_chunks(self) -> bool:
        """Whether any chunk waits."""
        return any(queue.has_chunks() for queue in self._queues.values())

    def take(self, most: int) -> list[list[Chunk]]:
        """The next chunks or parts of chunks, at most so many records of each topic; one group for each topic.

        They are from before the time up to which a topic with later records has arrived: of that moment itself, more
        may come. Empty if those that wait should wait for a chunk of another partition, or for the next of their own.
        """
        waiting = [queue for queue in self._queues.values() if queue.has_chunks()]
        until_ms = min((queue.complete_until_ms(most) for queue in self._queues.values()), default=inf)
        groups = [group for queue in waiting if (group := queue.take(until_ms, most))]
        if groups or any(queue.has_more and queue.last_ms <= until_ms for queue in self._queues.values()):
            return groups
        # More records of one moment than are taken at once.
        return [group for queue in waiting if (group := queue.take(inf, most))]

    def wait_no_longer(self) -> None:
        """Let chunks no longer wait for partitions whose next chunk has not arrived."""
        for queue in self._queues.values():
            queue.has_more = False


class _Queue:
    """The waiting chunks of one partition."""

    def __init__(self) -> None:
        self._chunks: deque[Chunk] = deque()
        self.has_more = False
        self.last_ms: float = 0

    def add(self, chunk: Chunk) -> None:
        self._chunks.append(chunk)
        self.has_more = chunk.has_more
        self.last_ms = chunk.records[-1].timestamp

    def has_chunks(self) -> bool:
        # A chunk that waited during a rebalance was revoked, or is delivered again.
        while self._chunks and not self._chunks[0].is_in_flight():
            self._chunks.popleft()
        return bool(self._chunks)

    def complete_until_ms(self, most: int) -> float:
        """The time before which all records are here and among the next `most`."""
        left = most
        for chunk in self._chunks:
            if left < len(chunk):
                return float(chunk.records[left].timestamp)
            left -= len(chunk)
        return self.last_ms if self.has_more else inf

    def take(self, until_ms: float, most: int) -> list[Chunk]:
        taken: list[Chunk] = []
        while most > 0 and self.has_chunks():
            chunk = self._chunks.popleft()
            count = min(_count(chunk.records, until_ms), most)
            if count < len(chunk):
                if count:
                    chunk, rest = chunk.split(count)
                    taken.append(chunk)
                    chunk = rest
                self._chunks.appendleft(chunk)
                break
            taken.append(chunk)
            most -= count
        return taken


def _count(records: Sequence[ConsumerRecord], until_ms: float) -> int:
    """The number of the first records that are earlier."""
    if records[-1].timestamp < until_ms:
        return len(records)
    return bisect_left(records, until_ms, key=_time_of)
