"""Handles prepared batches one after the other, and measures each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Generic, TypeVar

from benchmarks.measures import Measure

Batch = TypeVar("Batch")


@dataclass(frozen=True)
class Work(Generic[Batch]):
    """Batches of `size` rows each, and what handles them."""

    size: int
    batches: Sequence[Batch]
    handle: Callable[[Batch], Awaitable[None]]

    async def timed(self, name: str) -> Measure:
        """Handle all batches."""
        latencies_ms, started = [], perf_counter()
        for batch in self.batches:
            begun = perf_counter()
            await self.handle(batch)
            latencies_ms.append((perf_counter() - begun) * 1000)
        done, seconds = self.size * len(self.batches), perf_counter() - started
        return Measure(name=name, done=done, seconds=seconds, latencies_ms=latencies_ms)
