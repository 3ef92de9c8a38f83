"""Monitors a variant from outside until all orders are processed and nothing changes any more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from time import time
from typing import NamedTuple

from benchmarks.stream.processes import Tree
from benchmarks.stream.runs import Sample

QUIET_S = 2.0
"""Time without a change that ends a run: by then every published record is acknowledged, too."""

STUCK_S = 120.0


class Progress(NamedTuple):
    """The progress at one time. `began_s` is when the first row was handled, in seconds since 1970, or None."""

    began_s: float | None
    share: float
    marks: tuple[int, ...]
    """Changes as long as anything is processed."""


ReadProgress = Callable[[], Awaitable[Progress]]


async def watch(trees: Mapping[str, Tree], look: ReadProgress, every_s: float) -> tuple[float, list[Sample]]:
    """The seconds from the first row to the last change, and samples of the processes meanwhile.

    Raises RuntimeError if progress stops before the end, and psutil.NoSuchProcess if a process dies.
    """
    samples: list[Sample] = []
    began_s: float | None = None
    marks: tuple[int, ...] = ()
    moved_s, done_samples = time(), 0
    while True:
        seen, now_s = await look(), time()
        if began_s is None:
            samples.clear()  # the cost of starting does not count
        samples.append(_sample(trees, seen.share))
        began_s = seen.began_s
        if seen.marks != marks:
            marks, moved_s, done_samples = seen.marks, now_s, len(samples)
        elif began_s is not None and seen.share >= 1 and now_s - moved_s > max(QUIET_S, 2 * every_s):
            return moved_s - began_s, samples[:done_samples]
        elif now_s - moved_s > STUCK_S:
            raise RuntimeError(f"no progress after {seen.share:.0%} of the orders")
        await asyncio.sleep(every_s)


def _sample(trees: Mapping[str, Tree], share: float) -> Sample:
    cpu_s = {name: tree.cpu_s() for name, tree in trees.items()}
    return Sample(cpu_s, {name: tree.memory_bytes() for name, tree in trees.items()}, share)
