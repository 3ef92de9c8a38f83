"""Watching a variant at work from outside, until all orders are where they should be and nothing moves any more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import time
from typing import NamedTuple

import psutil

from benchmarks.stream.runs import Sample

QUIET_S = 2.0
"""For so long nothing may move at the end: then all that is told to others is acknowledged too."""

STUCK_S = 120.0


class Seen(NamedTuple):
    """What one look sees. `began_s` is when the first row was handled, in seconds since 1970, None before."""

    began_s: float | None
    share: float
    marks: tuple[int, ...]
    """Change for as long as anything moves."""


Look = Callable[[], Awaitable[Seen]]


async def watch(pids: Sequence[int], look: Look, every_s: float) -> tuple[float, list[Sample]]:
    """Seconds from the first row to the last movement, and what the processes were like meanwhile.

    Raises RuntimeError when nothing moves though not all is done, and psutil.NoSuchProcess when a process dies.
    """
    processes = [psutil.Process(pid) for pid in pids]
    samples: list[Sample] = []
    began_s: float | None = None
    marks: tuple[int, ...] = ()
    moved_s, done_samples = time(), 0
    while True:
        seen, now_s = await look(), time()
        if began_s is None:
            samples.clear()  # what starting costs does not count
        samples.append(_sample(processes, seen.share))
        began_s = seen.began_s
        if seen.marks != marks:
            marks, moved_s, done_samples = seen.marks, now_s, len(samples)
        elif began_s is not None and seen.share >= 1 and now_s - moved_s > max(QUIET_S, 2 * every_s):
            return moved_s - began_s, samples[:done_samples]
        elif now_s - moved_s > STUCK_S:
            raise RuntimeError(f"nothing moves after {seen.share:.0%} of the orders")
        await asyncio.sleep(every_s)


def _sample(processes: Sequence[psutil.Process], share: float) -> Sample:
    times = [process.cpu_times() for process in processes]
    cpu_s = sum(each.user + each.system for each in times)
    return Sample(cpu_s, sum(process.memory_info().rss for process in processes), share)
