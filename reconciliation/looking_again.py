"""Rows that differed are looked at again, for what is still on its way is no difference: only what stays is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from chassis.retrying import attempts
from reconciliation.rows import Difference, Seen, Store, View, fault_of

WAIT_S = 10.0
"""How long MySQL must have said the same before a view that says something else is wrong."""

_PATIENCE = 6
"""A row that changes all the time, and does arrive, is let go after so many waits."""

AT_ONCE = 500
"""Rows that are fetched in one statement."""


@dataclass
class Suspect:
    """A row that differs: the version that MySQL has had of it since `since`; None while it has no such row."""

    version: int | None
    since: float

    def look(self, row: Seen | None, seen: Seen | None, now: float) -> None:
        """Notice that MySQL has moved on. The time begins anew where the view had come as far as MySQL was."""
        version = row.version if row else None
        if version != self.version:
            if self.version is None or (seen is not None and seen.version >= self.version):
                self.since = now
            self.version = version


async def what_stays(
    table: str, source: Store, view: View, keys: Sequence[str], wait_s: float = WAIT_S
) -> list[Difference]:
    """The rows among these that a view has wrong, and goes on having wrong for `wait_s` seconds."""
    begin = monotonic()
    suspects: dict[str, Suspect] = {}
    waiting, found = list(keys), []
    async for _ in attempts(first_s=min(0.2, wait_s), most_s=max(0.1, wait_s / 5)):
        still: list[str] = []
        for key, row, seen in await look(source, view, waiting):
            fault, now = fault_of(view, row, seen), monotonic()
            suspect = suspects.setdefault(key, Suspect(row.version if row else None, begin))
            suspect.look(row, seen, now)
            if fault and now - suspect.since >= wait_s:
                found.append(Difference(table, view.name, key, *fault, seen.version if seen else 0))
            elif fault:
                still.append(key)
        waiting = still
        if not waiting or monotonic() - begin > _PATIENCE * wait_s:
            break
    return found


async def look(source: Store, view: View, keys: Sequence[str]) -> list[tuple[str, Seen | None, Seen | None]]:
    """Each row as MySQL has it and then as the view has it, in this order: so the view can only be newer."""
    looked: list[tuple[str, Seen | None, Seen | None]] = []
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        rows, seen = await source.rows_of(some), await view.rows_of(some)
        looked += [(key, rows.get(key), seen.get(key)) for key in some]
    return looked
