"""Positions in the stream of changes: the next offset of each partition, which a cursor encodes for clients.

A topic may get more partitions, so positions may differ in length: a missing partition is at its start.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from chassis.rest import cursors
from chassis.rest.cursors import InvalidCursor

_MAX_OFFSET = 2**62
_MAX_PARTITIONS = 10_000


def cursor(next_offsets: Sequence[int], tag: str) -> str:
    """The cursor of a position: the next offset of each partition of the log with this tag."""
    return cursors.encode([tag, *next_offsets])


def furthest(one: Sequence[int], other: Sequence[int]) -> list[int]:
    """The greater offset of each partition."""
    return [max(pair) for pair in zip_longest(one, other, fillvalue=0)]


def has_reached(at: Sequence[int], position: Sequence[int]) -> bool:
    """Whether `at` is at or after `position`, in every partition."""
    return all(here >= there for here, there in zip_longest(at, position, fillvalue=0))


def read(text: str, tag: str) -> list[int]:
    """The next offset of each partition of the log with this tag. Raises InvalidCursor."""
    parts = cursors.decode_any(text)
    if not parts or parts[0] != tag or not 1 < len(parts) <= _MAX_PARTITIONS + 1:
        raise InvalidCursor(text)
    offsets = parts[1:]
    if any(type(each) is not int or not 0 <= each < _MAX_OFFSET for each in offsets):
        raise InvalidCursor(text)
    return offsets
