"""A chunk: the records of one fetch from one partition, and the rule that only its reader can say it is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Any, Protocol

import faust
from aiokafka import ConsumerRecord
from faust.types import TP, AppT, Message
from faust.types.events import EventT


class Owner(Protocol):
    """Whoever handed the chunk out and wants to know when it is done."""

    def chunk_done(self, chunk: Chunk) -> None:
        """Take note: this chunk's work is durable."""

    def is_in_flight(self, chunk: Chunk) -> bool:
        """Whether this chunk still waits to be done: a rebalance takes back what was handed out."""


class Chunk:
    """`records` are raw, in offset order; `end` is the offset to commit: the one after the last, past any gap."""

    __slots__ = ("_owner", "end", "is_done", "is_kept", "partition", "records", "since")

    def __init__(self, partition: TP, records: Sequence[ConsumerRecord], end: int, owner: Owner) -> None:
        self.partition = partition
        self.records = records
        self.end = end
        self.is_done = False
        self.is_kept = False
        self.since = monotonic()
        self._owner = owner

    def done(self) -> None:
        """Say that the work is durable. Nothing else makes the chunk's offsets committable."""
        if not self.is_done:
            self.is_done = True
            self._owner.chunk_done(self)

    def keep(self) -> None:
        """Say that its reader goes on to the next before this one is done, and does not forget it."""
        self.is_kept = True

    def is_in_flight(self) -> bool:
        """Whether there still is somebody who waits for it to be done."""
        return self._owner.is_in_flight(self)

    def __len__(self) -> int:
        return len(self.records)

    def __repr__(self) -> str:
        return f"<Chunk {self.partition.topic}/{self.partition.partition} {self.records[0].offset}..{self.end}>"


class ChunkSchema(faust.Schema):
    """The value is a chunk already: decoding belongs where a record that cannot be decoded is set aside."""

    def compile(self, app: AppT, **_: Any) -> Callable[..., Awaitable[EventT]]:
        """The function that Faust calls to make an event of a message."""

        async def decode(message: Message, **_: Any) -> EventT:
            return app.create_event(None, message.value, None, message)

        return decode
