"""What a handler gets: the rows of a chunk, decoded, and the position in the log that they bring the projection to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

import msgspec
from aiokafka import ConsumerRecord

from contracts.rows import Row
from contracts.topics import Topic

AnyRow = TypeVar("AnyRow", bound=Row)


@dataclass(frozen=True)
class Position:
    """How far a topic's partition was read: `next_offset` is the first one not read; `committed_at` is by MySQL."""

    topic: str
    partition: int
    next_offset: int
    committed_at: datetime


class Entry(NamedTuple):
    """One row and the record it came in."""

    row: Row
    record: ConsumerRecord


@dataclass(frozen=True)
class Batch:
    """Rows of one topic and partition, in the order of the log.

    `beside` it are rows of another topic and the same partition number, to be made durable together with these.
    """

    topic: Topic[Any]
    entries: Sequence[Entry]
    position: Position
    beside: Batch | None = None

    @property
    def positions(self) -> list[Position]:
        """What the log was read to, on each topic."""
        return [self.position, *(self.beside.positions if self.beside else ())]

    @property
    def topics(self) -> list[Topic[Any]]:
        """What the rows are of."""
        return [self.topic, *(self.beside.topics if self.beside else ())]

    @property
    def is_divisible(self) -> bool:
        """Whether there is more in it than one row of one topic."""
        return self.beside is not None or len(self.entries) > 1

    def newest(self, topic: Topic[AnyRow]) -> list[AnyRow]:
        """The newest version of each row, ordered by identity, so that two writers lock rows in the same order.

        Empty when no rows of that topic are in the batch.
        """
        return self.newest_and_older(topic)[0]

    def newest_and_older(self, topic: Topic[AnyRow]) -> tuple[list[AnyRow], list[AnyRow]]:
        """The same, and the versions of these rows that are older, ordered by identity and version."""
        if topic.name != self.topic.name:
            return self.beside.newest_and_older(topic) if self.beside else ([], [])
        identity = attrgetter(topic.identity)
        newest: dict[Any, Any] = {}
        older: list[Any] = []
        for entry in self.entries:
            row, key = entry.row, identity(entry.row)
            known = newest.setdefault(key, row)
            if known is row:
                continue
            if known.newest_version <= row.newest_version:
                newest[key], row = row, known
            older.append(row)
        if older:
            older = [row for row in older if row.newest_version < newest[identity(row)].newest_version]
            older.sort(key=lambda row: (identity(row), row.newest_version))
        return sorted(newest.values(), key=identity), older

    def one_record_of_each(self, keys: Collection[Any]) -> list[tuple[Topic[Any], ConsumerRecord]]:
        """One record of each key that has some: the last of the row that the key tells apart, or else the first."""
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
        """The batch in two, by topics or each with the position that its own last record brings."""
        if self.beside:
            return Batch(self.topic, self.entries, self.position), self.beside
        middle = len(self.entries) // 2
        first, second = self.entries[:middle], self.entries[middle:]
        return Batch(self.topic, first, position_after(first[-1].record)), Batch(self.topic, second, self.position)

    def without_entries(self) -> Batch:
        """Only the position: for when nothing usable is left."""
        return Batch(self.topic, (), self.position)


class _CommitTime(msgspec.Struct):
    committed_ms: int = msgspec.field(name="__source_ts_ms", default=0)


_commit_time = msgspec.json.Decoder(_CommitTime)


def position_after(record: ConsumerRecord, end: int | None = None) -> Position:
    """The position once `record` is read: after it, or at `end` when the log has a gap there.

    A tombstone carries no time of its own; the record's time on the broker stands in.
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
    ):  # rubbish: no time, or an absurd one
        return datetime.fromtimestamp(record.timestamp / 1000, UTC)
