"""Compares one table of MySQL with all its views, and names the rows that differ and stay different."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from time import monotonic

from reconciliation.ranges import Counts, differing
from reconciliation.recheck import WAIT_S, what_stays
from reconciliation.rows import Difference, Range, Source, View, fault_of

MOST_NAMED = 10_000
"""Rows of a table that are named, and that are repaired at once: memory is bounded, the number of wrong rows is not."""

Page = Sequence[Difference]


@dataclass
class Comparison:
    """What came of one table. `rows` are counted in each store; `wrong` are all that differ, by view.

    Of those the first are named. With `is_cut` there is more than was looked at.
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
    """Compare a table with its views. What differs is looked at again for `wait_s` seconds, since it may be on its way.

    With `repair`, which is given one page of differences after the other, the table is compared to its end; without, no
    further than to the first `MOST_NAMED`. Raises `Unavailable` while a store is away, so that no row is called wrong
    for it.
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
    """The rows that differ and stay different, in the order of their ranges, about `MOST_NAMED` at a time."""
    suspects: dict[str, list[str]] = {view.name: [] for view in views}

    async def judged() -> Page:
        named = [(view, suspects[view.name]) for view in views]
        stays = await asyncio.gather(*(what_stays(table, source, view, keys, wait_s) for view, keys in named if keys))
        for keys in suspects.values():
            keys.clear()
        return [difference for each in stays for difference in each]

    async with aclosing(differing(source, views, counts)) as ranges:
        async for within, others in ranges:
            for view in others:
                suspects[view.name] += await _suspects(source, view, within)
            if sum(map(len, suspects.values())) >= MOST_NAMED and (page := await judged()):
                yield page
    if page := await judged():
        yield page


async def _suspects(source: Source, view: View, within: Range) -> list[str]:
    rows, seen = await source.rows(within), await view.rows(within)
    return sorted(key for key in {*rows, *seen} if fault_of(view, rows.get(key), seen.get(key)))
