"""One run of a variant: its time, and the CPU and memory of everything that worked on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median

import msgspec

from benchmarks.stream.processes import VARIANT


class Sample(msgspec.Struct, frozen=True):
    """The processes at one time: CPU seconds so far and memory, both by name, and the share of orders processed."""

    cpu_s: Mapping[str, float]
    memory_bytes: Mapping[str, int]
    share: float


class Run(msgspec.Struct, kw_only=True, frozen=True):
    """One run: `orders` orders took `seconds`. `contents` is a checksum over the rows of each table in the end."""

    name: str
    orders: int
    seconds: float
    samples: Sequence[Sample]
    contents: Mapping[str, str]

    def orders_per_second(self) -> float:
        """Orders per second, from the first row to the last."""
        return self.orders / self.seconds

    def cpu_s_per_1000_orders(self) -> float:
        """CPU seconds of the variant, Postgres and Kafka together."""
        return sum(self._cpu_s_per_1000_orders().values())

    def _cpu_s_per_1000_orders(self) -> dict[str, float]:
        first, last = self.samples[0].cpu_s, self.samples[-1].cpu_s
        return {part: (last[part] - first[part]) * 1000 / self.orders for part in last}

    def _peak_bytes(self, part: str) -> int:
        return max(sample.memory_bytes[part] for sample in self.samples)

    def memory_first_half_to_whole(self) -> float:
        """1 if the memory of the variant did not grow in the second half of the orders."""
        half = max(sample.memory_bytes[VARIANT] for sample in self.samples if sample.share <= 0.5)
        return half / self._peak_bytes(VARIANT)

    def line(self, what: str = "orders") -> str:
        """The run as one line of text; `what` it projected."""
        cpu = " + ".join(f"{value:.3f} {part}" for part, value in self._cpu_s_per_1000_orders().items())
        memory = ", ".join(f"{self._peak_bytes(part) / 1e6:.0f} {part}" for part in self.samples[0].memory_bytes)
        return (
            f"{self.name:<13} {self.seconds:5.1f} s {self.orders_per_second():7.0f} {what}/s   CPU s per 1,000 {what} "
            f"{self.cpu_s_per_1000_orders():.3f} = {cpu}   peak MB {memory}"
        )


def middle(runs: Sequence[Run], of: Callable[[Run], float]) -> float:
    """The median of one value of the runs."""
    return median(of(run) for run in runs)
