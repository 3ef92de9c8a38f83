"""What is known of one run of a variant: how long it took, what it cost, and how its memory went."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

import msgspec


class Sample(msgspec.Struct, frozen=True):
    """Its processes at one moment: CPU seconds so far, resident memory, and the share of the orders that was done."""

    cpu_s: float
    rss_bytes: int
    share: float


class Run(msgspec.Struct, kw_only=True, frozen=True):
    """`orders` orders, which are `records` records, in `seconds`."""

    name: str
    orders: int
    records: int
    seconds: float
    samples: Sequence[Sample]

    def orders_per_second(self) -> float:
        """Whole orders a second, from the first row to the last."""
        return self.orders / self.seconds

    def events_per_cpu_second(self) -> float:
        """Records for each second of CPU that its processes spent, user and system."""
        return self.records / (self.samples[-1].cpu_s - self.samples[0].cpu_s)

    def peak_bytes(self) -> int:
        """The most memory it had."""
        return max(sample.rss_bytes for sample in self.samples)

    def peak_bytes_at_half(self) -> int:
        """The most memory it had when half of the orders were done."""
        return max(sample.rss_bytes for sample in self.samples if sample.share <= 0.5)

    def memory_first_half_to_whole(self) -> float:
        """1 where memory did not grow after half of the orders."""
        return self.peak_bytes_at_half() / self.peak_bytes()

    def line(self) -> str:
        """The run as a line for people."""
        memory = f"{self.peak_bytes_at_half() / 1e6:5.0f} MB at half, {self.peak_bytes() / 1e6:5.0f} MB in the end"
        speed = f"{self.orders_per_second():7.0f} orders/s {self.events_per_cpu_second():8.0f} events/CPU s"
        return f"{self.name:<13} {self.seconds:6.1f} s {speed}   {memory}"


def middle(runs: Sequence[Run], of: Callable[[Run], float]) -> float:
    """The median of one figure of the runs."""
    return median(of(run) for run in runs)
