"""Aligns topics whose records belong together: a transaction's rows of one topic are not far ahead of those of another.

Without it, a backlog of a topic with small records is read faster than one with large records, and most rows of a chunk
wait for others.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple


class Part(NamedTuple):
    """The waiting records of one topic: their timestamps in the order of the log (ms since 1970).

    `last_ms` is the timestamp of the last record that arrived, None before the first. `has_more` tells that the broker
    has further records.
    """

    times_ms: Sequence[int]
    last_ms: int | None
    has_more: bool


def aligned(parts: Sequence[Part]) -> list[int]:
    """How many of the waiting records of each topic to process now: those before the end of the slowest topic.

    Records of its last millisecond stay, too, since the rest of their transaction may not have arrived. All are zero if
    more of the slowest topic must arrive first.
    """
    slowest = [part for part in parts if part.has_more]
    if not slowest:
        return [len(part.times_ms) for part in parts]
    end_ms = min(-1 if part.last_ms is None else part.last_ms for part in slowest)
    return [bisect_left(part.times_ms, end_ms) for part in parts]
