"""A place in the stream of changes: how far each partition of the log has been read; a cursor says it to clients.

A topic may get more partitions, so places may have different lengths: a partition that is not named is at its start.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from chassis.rest import cursors
from chassis.rest.cursors import InvalidCursor

_TAG = "changes"
_MOST = 2**62
_MOST_PARTITIONS = 10_000


def cursor(next_offsets: Sequence[int]) -> str:
    """The cursor of the place before these offsets, one for each partition."""
    return cursors.encode([_TAG, *next_offsets])


def furthest(one: Sequence[int], other: Sequence[int]) -> list[int]:
    """The place behind both."""
    return [max(pair) for pair in zip_longest(one, other, fillvalue=0)]


def has_reached(at: Sequence[int], place: Sequence[int]) -> bool:
    """Whether `at` is `place` or behind it, in every partition."""
    return all(here >= there for here, there in zip_longest(at, place, fillvalue=0))


def read(text: str) -> list[int]:
    """The next offset of each partition. Raises InvalidCursor."""
    said = cursors.decode_any(text)
    if not said or said[0] != _TAG or not 1 < len(said) <= _MOST_PARTITIONS + 1:
        raise InvalidCursor(text)
    offsets = said[1:]
    if any(type(each) is not int or not 0 <= each < _MOST for each in offsets):
        raise InvalidCursor(text)
    return offsets
