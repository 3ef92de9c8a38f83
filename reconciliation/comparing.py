"""Compares one table of MySQL with all its views, and names the rows that differ and stay different."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from time import monotonic

from reconciliation.looking_again import WAIT_S, what_stays
from reconciliation.ranges import Counts, differing
from reconciliation.rows import Difference, Range, Source, View, fault_of

MOST_NAMED = 10_000
"""Rows of a table that are named; where more differ a view is not to be repaired but to be rebuilt."""


@dataclass
class Comparison:
    """What came of one table. `rows` are counted in each store; with `is_cut` there is more than was looked at."""

    table: str
    rows: dict[str, int] = field(default_factory=dict)
    ranges: int = 0
    differences: list[Difference] = field(default_factory=list)
    seconds: float = 0.0
    is_cut: bool = False


async def compare(table: str, source: Source, views: Sequence[View], wait_s: float = WAIT_S) -> Comparison:
    """Compare a table with its views. What differs is looked at again for `wait_s` seconds, since it may be on its way.

    Raises `Unavailable` while a store is away, so that no row is called wrong for it.
    """
    begin, counts, comparison = monotonic(), Counts(), Comparison(table)
    suspects: dict[str, list[str]] = {view.name: [] for view in views}

    async def judge() -> None:
        named = [(view, suspects[view.name]) for view in views]
        stays = await asyncio.gather(*(what_stays(table, source, view, keys, wait_s) for view, keys in named if keys))
        comparison.differences += [difference for each in stays for difference in each]
        for keys in suspects.values():
            keys.clear()

    async with aclosing(differing(source, views, counts)) as ranges:
        async for within, others in ranges:
            for view in others:
                suspects[view.name] += await _suspects(source, view, within)
            if sum(map(len, suspects.values())) >= MOST_NAMED:
                await judge()
            if len(comparison.differences) >= MOST_NAMED:
                comparison.is_cut = True
                break
    await judge()
    comparison.rows, comparison.ranges, comparison.seconds = counts.rows, counts.ranges, monotonic() - begin
    return comparison


async def _suspects(source: Source, view: View, within: Range) -> list[str]:
    rows, seen = await source.rows(within), await view.rows(within)
    return sorted(key for key in {*rows, *seen} if fault_of(view, rows.get(key), seen.get(key)))
