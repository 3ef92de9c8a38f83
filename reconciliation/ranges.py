"""Finds the ranges of keys in which databases disagree, and narrows them until few rows are left."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from reconciliation.rows import Digest, Range, RowSet, Source, View

FIRST_ROWS = 16_384
"""Rows of a range at first: a statement takes about 0.1 s, for orders with their lines a few times as long."""

PARTS = 16
FEW_ROWS = 64
"""Rows that are fetched and compared one by one."""

AT_ONCE = 2
"""Ranges that are digested concurrently, so that no database waits for another."""


class Digests(NamedTuple):
    """The digest of a range that MySQL expects of a view, and the one the view has."""

    expected: Digest
    found: Digest


@dataclass
class Counts:
    """The number of rows of each database and of ranges, those of `FIRST_ROWS` only."""

    rows: dict[str, int] = field(default_factory=dict)
    ranges: int = 0

    def add(self, source: Source, views: Sequence[View], digests: Sequence[Digests]) -> None:
        """Count one range."""
        self.ranges += 1
        rows = {source.name: digests[0].expected.rows}
        rows |= {view.name: each.found.rows for view, each in zip(views, digests, strict=True)}
        for name, number in rows.items():
            self.rows[name] = self.rows.get(name, 0) + number


async def cut(tables: Sequence[RowSet], within: Range, rows: int) -> AsyncGenerator[Range]:
    """The range in parts of at most `rows` rows in every database that can count along its keys."""
    after = within.after
    while True:
        rest = Range(after, within.until)
        ends = await asyncio.gather(*(table.key_at(rest, rows) for table in tables))
        found = [end for end in ends if end is not None]
        if not found or min(found) == within.until:
            yield rest
            return
        yield Range(after, min(found))
        after = min(found)


async def differing(source: Source, views: Sequence[View], counts: Counts) -> AsyncGenerator[tuple[Range, list[View]]]:
    """The small ranges in which views differ from MySQL, with those views."""
    async for part, found in _digested(source, views, cut([source, *views], Range(), FIRST_ROWS)):
        counts.add(source, views, found)
        async for small in _narrowed(source, _others(views, found), part, FIRST_ROWS):
            yield small


async def _narrowed(
    source: Source, views: list[View], within: Range, rows: int
) -> AsyncGenerator[tuple[Range, list[View]]]:
    if not views:
        return
    if rows <= FEW_ROWS:
        yield within, views
        return
    fewer = max(FEW_ROWS, rows // PARTS)
    async for part, found in _digested(source, views, cut([source, *views], within, fewer)):
        async for small in _narrowed(source, _others(views, found), part, fewer):
            yield small


async def _digested(
    source: Source, views: Sequence[View], parts: AsyncGenerator[Range]
) -> AsyncGenerator[tuple[Range, Sequence[Digests]]]:
    """Each part with its digests in each view, in order; the next parts are digested meanwhile."""
    kinds = {tuple(view.columns): view.columns for view in views}

    async def digested(part: Range) -> tuple[Range, Sequence[Digests]]:
        expected, found = await asyncio.gather(
            asyncio.gather(*(source.digest_of(part, columns) for columns in kinds.values())),
            asyncio.gather(*(view.digest(part) for view in views)),
        )
        by_columns = dict(zip(kinds, expected, strict=True))
        return part, [Digests(by_columns[tuple(view.columns)], each) for view, each in zip(views, found, strict=True)]

    running: deque[asyncio.Task[tuple[Range, Sequence[Digests]]]] = deque()
    try:
        async for part in parts:
            running.append(asyncio.create_task(digested(part)))
            if len(running) == AT_ONCE:
                yield await running.popleft()
        while running:
            yield await running.popleft()
    finally:
        for task in running:
            task.cancel()


def _others(views: Sequence[View], digests: Sequence[Digests]) -> list[View]:
    """The views whose digest differs from the expected one."""
    return [view for view, (expected, found) in zip(views, digests, strict=True) if expected != found]
