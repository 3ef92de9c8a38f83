"""The ranges of keys in which stores disagree, cut by counting along the keys until few rows are left."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from reconciliation.rows import Digest, Range, Source, Store, View

FIRST_ROWS = 16_384
"""Rows of a range at first: a statement of a tenth of a second."""

PARTS = 16
FEW_ROWS = 64
"""Rows that are fetched to be compared one by one."""

AT_ONCE = 2
"""Ranges that are digested at the same time, so that no store waits for another."""


@dataclass
class Counts:
    """What was compared: rows of each store and ranges, those of the first cut alone."""

    rows: dict[str, int] = field(default_factory=dict)
    ranges: int = 0

    def add(self, stores: Sequence[Store], digests: Sequence[Digest]) -> None:
        """Count one range."""
        self.ranges += 1
        for store, digest in zip(stores, digests, strict=True):
            self.rows[store.name] = self.rows.get(store.name, 0) + digest.rows


async def cut(stores: Sequence[Store], within: Range, rows: int) -> AsyncGenerator[Range]:
    """The range in parts that hold no more than so many rows in any store that can count along its keys."""
    after = within.after
    while True:
        rest = Range(after, within.until)
        ends = await asyncio.gather(*(store.jump(rest, rows) for store in stores))
        found = [end for end in ends if end is not None]
        if not found or min(found) == within.until:
            yield rest
            return
        yield Range(after, min(found))
        after = min(found)


async def differing(source: Source, views: Sequence[View], counts: Counts) -> AsyncGenerator[tuple[Range, list[View]]]:
    """The small ranges of which some views say something else than MySQL, with those views."""
    stores: list[Store] = [source, *views]

    async for part, found in _digested(stores, cut(stores, Range(), FIRST_ROWS)):
        counts.add(stores, found)
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
    stores: list[Store] = [source, *views]
    async for part, found in _digested(stores, cut(stores, within, fewer)):
        async for small in _narrowed(source, _others(views, found), part, fewer):
            yield small


async def _digested(
    stores: Sequence[Store], parts: AsyncGenerator[Range]
) -> AsyncGenerator[tuple[Range, Sequence[Digest]]]:
    """Each part with its digest in each store, in turn; the next ones are under way meanwhile."""

    async def digested(part: Range) -> tuple[Range, Sequence[Digest]]:
        return part, await asyncio.gather(*(store.digest(part) for store in stores))

    running: deque[asyncio.Task[tuple[Range, Sequence[Digest]]]] = deque()
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


def _others(views: Sequence[View], digests: Sequence[Digest]) -> list[View]:
    """The views whose digest is not MySQL's, which comes first."""
    return [view for view, digest in zip(views, digests[1:], strict=True) if digest != digests[0]]
