"""A place in the stream of changes: how far each partition of the log has been read; a cursor says it to clients."""

from __future__ import annotations

from collections.abc import Sequence

from chassis import cursors
from chassis.cursors import InvalidCursor

_TAG = "changes"
_MOST = 2**62


def cursor(next_offsets: Sequence[int]) -> str:
    """The cursor of the place before these offsets, one for each partition."""
    return cursors.encode([_TAG, *next_offsets])


def furthest(one: Sequence[int], other: Sequence[int]) -> list[int]:
    """The place behind both."""
    return [max(here, there) for here, there in zip(one, other, strict=True)]


def read(text: str, partitions: int) -> list[int]:
    """The next offset of each partition. Raises InvalidCursor.

    A topic may get more partitions: those that a cursor does not know are read from their start.
    """
    said = cursors.decode_any(text)
    if not said or said[0] != _TAG or not 1 < len(said) <= partitions + 1:
        raise InvalidCursor(text)
    offsets = said[1:]
    if any(type(each) is not int or not 0 <= each < _MOST for each in offsets):
        raise InvalidCursor(text)
    return [*offsets, *[0] * (partitions - len(offsets))]
