"""A chunk: the records of one fetch of a partition, acknowledged only by its reader."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Any, Protocol

import faust
from aiokafka import ConsumerRecord
from faust.types import TP, AppT, Message
from faust.types.events import EventT


class Owner(Protocol):
    """The consumer of the chunk, which is notified when it is done."""

    def chunk_done(self, chunk: Chunk) -> None:
        """Called when the chunk's work is durable."""

    def is_in_flight(self, chunk: Chunk) -> bool:
        """Whether this chunk is not done and still assigned: a rebalance revokes chunks."""

    def split(self, chunk: Chunk, first: Chunk, rest: Chunk) -> None:
        """Replace a chunk in flight by its two parts."""


class Chunk:
    """`records` are raw, in offset order; `end` is the offset to commit: after the last record and any gap.

    `has_more` tells that the broker had further records when these were fetched.
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

    def split(self, records: int) -> tuple[Chunk, Chunk]:
        """Two chunks in place of this one: the first so many records, and the rest."""
        end = self.records[records].offset
        first = Chunk(self.partition, self.records[:records], end, self._owner, has_more=True)
        rest = Chunk(self.partition, self.records[records:], self.end, self._owner, has_more=self.has_more)
        for part in (first, rest):
            part.is_kept, part.since = self.is_kept, self.since
        self._owner.split(self, first, rest)
        return first, rest

    def is_in_flight(self) -> bool:
        """Whether it is not done and still assigned to this consumer."""
        return self._owner.is_in_flight(self)

    def __len__(self) -> int:
        return len(self.records)

    def __repr__(self) -> str:
        return f"<Chunk {self.partition.topic}/{self.partition.partition} {self.records[0].offset}..{self.end}>"


class ChunkSchema(faust.Schema):
    """Passes chunks through: records are decoded where an invalid one becomes a dead letter."""

    def compile(self, app: AppT, **_: Any) -> Callable[..., Awaitable[EventT]]:
        """The function by which Faust turns a message into an event."""

        async def decode(message: Message, **_: Any) -> EventT:
            return app.create_event(None, message.value, None, message)

        return decode
