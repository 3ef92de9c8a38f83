"""Compares one table of MySQL with all its views, and names the rows that differ and keep differing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from time import monotonic

from reconciliation.ranges import Counts, differing
from reconciliation.recheck import WAIT_S, lasting_differences
from reconciliation.rows import Difference, Range, Source, View, difference_of

MOST_NAMED = 10_000
"""Rows of a table that are named, or repaired in one page: it bounds the memory, not the number of wrong rows."""

Page = Sequence[Difference]


@dataclass
class Comparison:
    """The result for one table. `rows` counts the rows of each database; `wrong` the rows that differ, by view.

    `differences` names the first of them. `is_cut` is true when the comparison stopped before the end of the table.
    """

    table: str
    rows: dict[str, int] = field(default_factory=dict)
    ranges: int = 0
    differences: list[Difference] = field(default_factory=list)
    wrong: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    is_cut: bool = False


async def compare(
    table: str,
    source: Source,
    views: Sequence[View],
    wait_s: float = WAIT_S,
    repair: Callable[[Page], Awaitable[None]] | None = None,
) -> Comparison:
    """Compare a table with its views. A row that differs is checked again for `wait_s` seconds: it may be in transit.

    With `repair`, which is called with one page of differences at a time, the whole table is compared; without, up to
    `MOST_NAMED` differences. Raises `Unavailable` when a database is: then no row is reported as wrong.
    """
    begin, counts, comparison = monotonic(), Counts(), Comparison(table)
    async with aclosing(_pages(table, source, views, counts, wait_s)) as pages:
        async for page in pages:
            for each in page:
                comparison.wrong[each.view] = comparison.wrong.get(each.view, 0) + 1
            comparison.differences += page[: max(0, MOST_NAMED - len(comparison.differences))]
            if repair is not None:
                await repair(page)
            elif len(comparison.differences) >= MOST_NAMED:
                comparison.is_cut = True
                break
    comparison.rows, comparison.ranges, comparison.seconds = counts.rows, counts.ranges, monotonic() - begin
    return comparison


async def _pages(
    table: str, source: Source, views: Sequence[View], counts: Counts, wait_s: float
) -> AsyncGenerator[Page]:
    """The rows that keep differing, in the order of their ranges, about `MOST_NAMED` at a time."""
    candidates: dict[str, list[str]] = {view.name: [] for view in views}

    async def recheck_candidates() -> Page:
        by_view = [(view, keys) for view in views if (keys := candidates[view.name])]
        found = await asyncio.gather(*(lasting_differences(table, source, *each, wait_s) for each in by_view))
        for keys in candidates.values():
            keys.clear()
        return [difference for each in found for difference in each]

    async with aclosing(differing(source, views, counts)) as ranges:
        async for within, others in ranges:
            for view in others:
                candidates[view.name] += await _candidates(source, view, within)
            if sum(map(len, candidates.values())) >= MOST_NAMED and (page := await recheck_candidates()):
                yield page
    if page := await recheck_candidates():
        yield page


async def _candidates(source: Source, view: View, within: Range) -> list[str]:
    rows, seen = await source.rows(within), await view.rows(within)
    return sorted(key for key in {*rows, *seen} if difference_of(view, rows.get(key), seen.get(key)))
