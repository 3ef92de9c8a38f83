"""Runs many concurrent clients for a limited time and measures each action."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter

from benchmarks.measures import Measure

Action = Callable[[], Awaitable[None]]


async def busy(name: str, clients: list[Action], *, warm_up_s: float, seconds: float) -> Measure:
    """Repeat the action of every client; actions that start after the warm-up and end in time count."""
    latencies_ms: list[float] = []
    begins_at = perf_counter() + warm_up_s
    ends_at = begins_at + seconds

    async def work(one_thing: Action) -> None:
        while (began := perf_counter()) < ends_at:
            await one_thing()
            ended = perf_counter()
            if begins_at <= began and ended <= ends_at:
                latencies_ms.append((ended - began) * 1000)

    await asyncio.gather(*(work(client) for client in clients))
    return Measure(name=name, done=len(latencies_ms), seconds=seconds, latencies_ms=latencies_ms)
