"""Rows that differed are looked at again, for what is still on its way is no difference: only what stays is one.

A view that says of itself that it is behind is judged by nothing it has not come to yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from chassis.retrying import attempts
from reconciliation.rows import Difference, Seen, Source, View, fault_of

WAIT_S = 10.0
"""How long MySQL must have said the same before a view that says something else is wrong."""

LATE_S = 10.0
"""How long a view that is behind is waited for beyond that."""

_PATIENCE = 6
"""A row that changes all the time, and does arrive, is let go after so many waits."""

AT_ONCE = 500
"""Rows that are fetched in one statement."""


class ViewBehind(Exception):
    """A view has not yet taken in what MySQL had committed when a row was looked at: it is late, which is not wrong."""


@dataclass
class Suspect:
    """A row that differs: the version that MySQL has had of it since `since`; None while it has no such row.

    `moment` is the same time by MySQL's clock.
    """

    version: int | None
    since: float
    moment: datetime

    def look(self, row: Seen | None, seen: Seen | None, now: float, moment: datetime) -> None:
        """Notice that MySQL has moved on. The time begins anew where the view had come as far as MySQL was."""
        version = row.version if row else None
        if version != self.version:
            if self.version is None or (seen is not None and seen.version >= self.version):
                self.since, self.moment = now, moment
            self.version = version


async def what_stays(
    table: str, source: Source, view: View, keys: Sequence[str], wait_s: float = WAIT_S
) -> list[Difference]:
    """The rows among these that a view has wrong, and goes on having wrong for `wait_s` seconds.

    Raises ViewBehind when the view is behind by all that time, so that nothing it lacks is known to be wrong.
    """
    begin, began_at = monotonic(), await source.now()
    suspects: dict[str, Suspect] = {}
    waiting, found = list(keys), []
    async for _ in attempts(first_s=min(0.2, wait_s), most_s=max(0.1, wait_s / 5)):
        still: list[str] = []
        moment, fresh_until = await source.now(), await view.fresh_until()
        for key, row, seen in await look(source, view, waiting):
            fault, now = fault_of(view, row, seen), monotonic()
            suspect = suspects.setdefault(key, Suspect(row.version if row else None, begin, began_at))
            suspect.look(row, seen, now, moment)
            lasts_s = now - suspect.since
            is_late = fresh_until is not None and fresh_until <= suspect.moment
            if fault and lasts_s >= wait_s + LATE_S and is_late:
                raise ViewBehind(f"{view.name} holds what MySQL had at {fresh_until:%H:%M:%S} UTC and is behind")
            if fault and lasts_s >= wait_s and not is_late:
                found.append(Difference(table, view.name, key, *fault, seen.version if seen else 0))
            elif fault:
                still.append(key)
        waiting = still
        if not waiting or monotonic() - begin > LATE_S + _PATIENCE * wait_s:
            break
    return found


async def look(source: Source, view: View, keys: Sequence[str]) -> list[tuple[str, Seen | None, Seen | None]]:
    """Each row as MySQL has it and then as the view has it, in this order: so the view can only be newer."""
    looked: list[tuple[str, Seen | None, Seen | None]] = []
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        rows, seen = await source.rows_of(some), await view.rows_of(some)
        looked += [(key, rows.get(key), seen.get(key)) for key in some]
    return looked
