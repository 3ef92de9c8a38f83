"""Checks rows that differed again: a change that is in transit is no difference, only one that lasts is.

A view that reports a lag is not blamed for changes it has not reached yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from chassis.retrying import attempts
from reconciliation.rows import Difference, RowState, Source, View, difference_of

WAIT_S = 10.0
"""How long a row of MySQL must have been unchanged before a view that differs is wrong."""

LAG_ALLOWANCE_S = 10.0
"""How much longer to wait for a view that lags."""

_MAX_WAITS = 6
"""A row that changes all the time, and does arrive, is dropped after so many waits."""

AT_ONCE = 500
"""Rows that are fetched in one statement."""


class StaleView(Exception):
    """A view has not reached what MySQL had committed when a row was checked: it lags, which is no difference."""


@dataclass
class Candidate:
    """A row that differs: its version in MySQL since `since` (monotonic seconds); None while it has no such row.

    `since_utc` is the same time by the clock of MySQL.
    """

    version: int | None
    since: float
    since_utc: datetime

    def update(self, row: RowState | None, seen: RowState | None, now: float, now_utc: datetime) -> None:
        """Record a new version in MySQL. The time restarts if the view had reached the version before it."""
        version = row.version if row else None
        if version != self.version:
            if self.version is None or (seen is not None and seen.version >= self.version):
                self.since, self.since_utc = now, now_utc
            self.version = version


async def lasting_differences(
    table: str, source: Source, view: View, keys: Sequence[str], wait_s: float = WAIT_S
) -> list[Difference]:
    """The rows among these that a view has wrong for at least `wait_s` seconds.

    Raises StaleView when the view lags by all that time, so that nothing is known about rows it lacks.
    """
    begin, began_at = monotonic(), await source.now()
    candidates: dict[str, Candidate] = {}
    waiting, found = list(keys), []
    async for _ in attempts(first_s=min(0.2, wait_s), most_s=max(0.1, wait_s / 5)):
        still: list[str] = []
        now_utc, fresh_until = await source.now(), await view.fresh_until()
        for key, row, seen in await read_both(source, view, waiting):
            fault, now = difference_of(view, row, seen), monotonic()
            candidate = candidates.setdefault(key, Candidate(row.version if row else None, begin, began_at))
            candidate.update(row, seen, now, now_utc)
            lasts_s = now - candidate.since
            is_late = fresh_until is not None and fresh_until <= candidate.since_utc
            if fault and lasts_s >= wait_s + LAG_ALLOWANCE_S and is_late:
                raise StaleView(f"{view.name} lags: it has what MySQL had at {fresh_until:%H:%M:%S} UTC")
            if fault and lasts_s >= wait_s and not is_late:
                found.append(Difference(table, view.name, key, *fault, seen.version if seen else 0))
            elif fault:
                still.append(key)
        waiting = still
        if not waiting or monotonic() - begin > LAG_ALLOWANCE_S + _MAX_WAITS * wait_s:
            break
    return found


async def read_both(
    source: Source, view: View, keys: Sequence[str]
) -> list[tuple[str, RowState | None, RowState | None]]:
    """Each row in MySQL and then in the view, in this order, so that the view can only be newer."""
    found: list[tuple[str, RowState | None, RowState | None]] = []
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        rows, seen = await source.rows_of(some), await view.rows_of(some)
        found += [(key, rows.get(key), seen.get(key)) for key in some]
    return found
