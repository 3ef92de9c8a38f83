"""A chunk: the records of one fetch of a partition, acknowledged only by its reader."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Any, Protocol

import faust
from aiokafka import ConsumerRecord
from faust.types import TP, AppT, Message
from faust.types.events import EventT

BACKLOG = 200
"""Later records that are a backlog. Fewer are live traffic, in which no topic waits for another."""


class Owner(Protocol):
    """The consumer of the chunk, which is notified when it is done."""

    def chunk_done(self, chunk: Chunk) -> None:
        """Called when the chunk's work is durable."""

    def is_in_flight(self, chunk: Chunk) -> bool:
        """Whether this chunk is not done and still assigned: a rebalance revokes chunks."""


class Chunk:
    """`records` are raw, in offset order; `end` is the offset to commit: after the last record and any gap.

    With `has_more`, the broker has a backlog of later records.
    """

    __slots__ = ("_owner", "end", "has_more", "is_done", "is_kept", "partition", "records", "since")

    def __init__(
        self, partition: TP, records: Sequence[ConsumerRecord], end: int, owner: Owner, *, has_more: bool = False
    ) -> None:
        self.partition = partition
        self.records = records
        self.end = end
        self.has_more = has_more
        self.is_done = False
        self.is_kept = False
        self.since = monotonic()
        self._owner = owner

    def done(self) -> None:
        """Acknowledge that the work is durable. Only this makes the chunk's offsets committable."""
        if not self.is_done:
            self.is_done = True
            self._owner.chunk_done(self)

    def keep(self) -> None:
        """Declare that the reader takes further chunks before this one is done."""
        self.is_kept = True

    def is_in_flight(self) -> bool:
        """Whether it is not done and still assigned to this consumer."""
        return self._owner.is_in_flight(self)

    def split(self, count: int) -> tuple[Chunk, Chunk]:
        """The first records and the others. The chunk is done when the others are, which must be processed later."""
        first = Chunk(
            self.partition, self.records[:count], self.records[count - 1].offset + 1, _Part(self, is_last=False)
        )
        rest = Chunk(self.partition, self.records[count:], self.end, _Part(self, is_last=True))
        return first, rest

    def __len__(self) -> int:
        return len(self.records)

    def __repr__(self) -> str:
        return f"<Chunk {self.partition.topic}/{self.partition.partition} {self.records[0].offset}..{self.end}>"


class _Part:
    """The owner of a part of a chunk."""

    def __init__(self, chunk: Chunk, *, is_last: bool) -> None:
        self._chunk = chunk
        self._is_last = is_last

    def chunk_done(self, chunk: Chunk) -> None:  # noqa: ARG002
        if self._is_last:
            self._chunk.done()

    def is_in_flight(self, chunk: Chunk) -> bool:  # noqa: ARG002
        return self._chunk.is_in_flight()


class ChunkSchema(faust.Schema):
    """Passes chunks through: records are decoded where an invalid one becomes a dead letter."""

    def compile(self, app: AppT, **_: Any) -> Callable[..., Awaitable[EventT]]:
        """The function by which Faust turns a message into an event."""

        async def decode(message: Message, **_: Any) -> EventT:
            return app.create_event(None, message.value, None, message)

        return decode
