"""One run of a variant: its time, its CPU and its memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

import msgspec


class Sample(msgspec.Struct, frozen=True):
    """The processes at one time: CPU seconds so far, resident memory, and the share of orders processed."""

    cpu_s: float
    rss_bytes: int
    share: float


class Run(msgspec.Struct, kw_only=True, frozen=True):
    """One run: `orders` orders in `records` records took `seconds`."""

    name: str
    orders: int
    records: int
    seconds: float
    samples: Sequence[Sample]

    def orders_per_second(self) -> float:
        """Orders per second, from the first row to the last."""
        return self.orders / self.seconds

    def events_per_cpu_second(self) -> float:
        """Records per second of CPU time, user and system."""
        return self.records / (self.samples[-1].cpu_s - self.samples[0].cpu_s)

    def peak_bytes(self) -> int:
        """The peak of memory."""
        return max(sample.rss_bytes for sample in self.samples)

    def peak_bytes_at_half(self) -> int:
        """The peak of memory during the first half of the orders."""
        return max(sample.rss_bytes for sample in self.samples if sample.share <= 0.5)

    def memory_first_half_to_whole(self) -> float:
        """1 if memory did not grow in the second half of the orders."""
        return self.peak_bytes_at_half() / self.peak_bytes()

    def line(self) -> str:
        """The run as one line of text."""
        memory = f"{self.peak_bytes_at_half() / 1e6:5.0f} MB at half, {self.peak_bytes() / 1e6:5.0f} MB in the end"
        speed = f"{self.orders_per_second():7.0f} orders/s {self.events_per_cpu_second():8.0f} events/CPU s"
        return f"{self.name:<13} {self.seconds:6.1f} s {speed}   {memory}"


def middle(runs: Sequence[Run], of: Callable[[Run], float]) -> float:
    """The median of one value of the runs."""
    return median(of(run) for run in runs)
