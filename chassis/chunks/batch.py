"""The input of a handler: the decoded rows of a chunk, and the position of the log after them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar, cast

import msgspec
from aiokafka import ConsumerRecord

from contracts.rows import Row
from contracts.topics import Topic

AnyRow = TypeVar("AnyRow", bound=msgspec.Struct)
"""A row, or a document with a `newest_version`."""

_version = attrgetter("newest_version")


@dataclass(frozen=True)
class Position:
    """A position of a partition: `next_offset` is the first unread one; `committed_at` is by MySQL's clock."""

    topic: str
    partition: int
    next_offset: int
    committed_at: datetime


class Entry(NamedTuple):
    """A row and its record."""

    row: Row
    record: ConsumerRecord


@dataclass(frozen=True)
class Batch:
    """Rows of one topic and partition, in the order of the log.

    `beside` has rows of another topic with the same partition number, to be written in the same transaction.
    """

    topic: Topic[Any]
    entries: Sequence[Entry]
    position: Position
    beside: Batch | None = None

    @property
    def positions(self) -> list[Position]:
        """The position of each topic."""
        return [self.position, *(self.beside.positions if self.beside else ())]

    @property
    def topics(self) -> list[Topic[Any]]:
        """The topics of the rows."""
        return [self.topic, *(self.beside.topics if self.beside else ())]

    @property
    def is_divisible(self) -> bool:
        """Whether it has more than one row of one topic."""
        return self.beside is not None or len(self.entries) > 1

    def rows(self, topic: Topic[AnyRow]) -> list[AnyRow]:
        """All rows of a topic, in the order of the log."""
        if topic.name != self.topic.name:
            return self.beside.rows(topic) if self.beside else []
        return [cast(AnyRow, entry.row) for entry in self.entries]

    def newest(self, topic: Topic[AnyRow]) -> list[AnyRow]:
        """The newest version of each row, ordered by identity, so that two writers lock rows in the same order.

        Empty if the batch has no rows of this topic.
        """
        identity = attrgetter(topic.identity)
        newest: dict[Any, AnyRow] = {}
        for row in self.rows(topic):
            known = newest.setdefault(identity(row), row)
            if _version(known) <= _version(row):
                newest[identity(row)] = row
        return sorted(newest.values(), key=identity)

    def one_record_of_each(self, keys: Collection[Any]) -> list[tuple[Topic[Any], ConsumerRecord]]:
        """One record of each key: the last record if the key identifies the row, else the first."""
        found: dict[Any, tuple[Topic[Any], ConsumerRecord]] = {}
        part: Batch | None = self
        while part is not None:
            topic, key = part.topic, attrgetter(part.topic.key)
            for entry in part.entries:
                if (its := key(entry.row)) in keys and (its not in found or topic.key == topic.identity):
                    found[its] = topic, entry.record
            part = part.beside
        return list(found.values())

    def halves(self) -> tuple[Batch, Batch]:
        """The batch split in two: by topic, or in the middle, each with the position after its last record."""
        if self.beside:
            return Batch(self.topic, self.entries, self.position), self.beside
        middle = len(self.entries) // 2
        first, second = self.entries[:middle], self.entries[middle:]
        return Batch(self.topic, first, position_after(first[-1].record)), Batch(self.topic, second, self.position)

    def without_entries(self) -> Batch:
        """The batch without rows, to store only its position."""
        return Batch(self.topic, (), self.position)


class _CommitTime(msgspec.Struct):
    committed_ms: int = msgspec.field(name="__source_ts_ms", default=0)


_commit_time = msgspec.json.Decoder(_CommitTime)


def position_after(record: ConsumerRecord, end: int | None = None) -> Position:
    """The position after `record`, or at `end` if the log has a gap there.

    A tombstone has no commit time; the timestamp of its record is used instead.
    """
    return Position(record.topic, record.partition, end or record.offset + 1, _committed_at(record))


def _committed_at(record: ConsumerRecord) -> datetime:
    try:
        committed_ms = _commit_time.decode(record.value or b"{}").committed_ms
        return datetime.fromtimestamp((committed_ms or record.timestamp) / 1000, UTC)
    except (
        msgspec.MsgspecError,
        RecursionError,
        ValueError,
        OverflowError,
        OSError,
    ):  # no time, or one out of range
        return datetime.fromtimestamp(record.timestamp / 1000, UTC)
