"""Measurements (throughput and latency), and the ratios between them."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import msgspec


class Measure(msgspec.Struct, kw_only=True, frozen=True):
    """One run: `done` actions in `seconds`, with their latencies in milliseconds."""

    name: str
    done: int
    seconds: float
    latencies_ms: list[float]

    @property
    def per_second(self) -> float:
        """Actions per second."""
        return self.done / self.seconds

    def percentile_ms(self, share: float) -> float:
        """The latency quantile of this share, in milliseconds."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    def line(self, what: str) -> str:
        """The run as one line of text."""
        p50, p99 = self.percentile_ms(0.5), self.percentile_ms(0.99)
        return f"{self.name:<10} {self.per_second:8.0f} {what}/s   p50 {p50:7.2f} ms   p99 {p99:7.2f} ms"


def ratio(name: str, value: float, goal: float) -> str:
    """The line of a ratio and its goal; larger is better."""
    return f"ratio {name} {value:.2f} goal {goal:.2f}"


def middle_per_second(runs: Sequence[Measure]) -> float:
    """The median throughput of the runs, per second."""
    return median(run.per_second for run in runs)


def middle_p99_ms(runs: Sequence[Measure]) -> float:
    """The median of the 99th percentiles of the runs, in milliseconds."""
    return median(run.percentile_ms(0.99) for run in runs)
