"""What can be wrong with a stream and the row that it leads to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chassis.databases.mysql import Row as Columns
from contracts.rows import Row, columns


class Fault(NamedTuple):
    """What a stream is about, by its id, and what is wrong with it."""

    identity: str
    what: str


def has_gap(events: Sequence[Columns]) -> bool:
    """Whether these events of one stream are not numbered from 1 without a gap."""
    return [event["sequence"] for event in events] != list(range(1, len(events) + 1))


def differences(row: Row, expected: Row) -> list[str]:
    """The columns in which a row is not as its events say, as one fault; none if it is."""
    differing = [name for name in columns(type(row)) if getattr(row, name) != getattr(expected, name)]
    return [f"differs from its events in {', '.join(differing)}"] if differing else []
