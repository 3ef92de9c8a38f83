"""Runs of one variant under load, and their ratios."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from statistics import median

import msgspec

from benchmarks.gateway.load import Load, Request, Result
from benchmarks.gateway.operations import Operation
from benchmarks.gateway.variants import Variant
from benchmarks.measures import Measure, ratio


class Run(msgspec.Struct, frozen=True):
    """The measurement of one variant with one operation and a number of connections.

    `cpu_us` is the CPU time of its process per response in microseconds, without that of Postgres.
    """

    measure: Measure
    operation: str
    connections: int
    rss_bytes: int
    cpu_us: float
    load_cpu_share: float

    def line(self) -> str:
        """The run as one line of text."""
        what = f"{self.operation:<20} {self.connections:>3}  {self.measure.line('requests')}"
        return (
            f"{what}   {self.rss_bytes / 1e6:4.0f} MB   {self.cpu_us:5.0f} µs of CPU   load {self.load_cpu_share:4.0%}"
        )


Cell = dict[str, list[Run]]
"""The runs of each variant with one operation and one number of connections."""


def command(connections: int, warm_up_s: int, seconds: int) -> list[str]:
    """Start the load as a process."""
    return [sys.executable, "-m", "benchmarks.gateway.load", *map(str, (connections, warm_up_s, seconds))]


def load_of(variant: Variant, operation: Operation) -> bytes:
    """The input of the load: all requests of one operation."""
    requests = [
        Request(operation.body(variant.dialect, number), wanted.encode())
        for number, wanted in enumerate(operation.wanted)
    ]
    return msgspec.json.encode(Load(variant.port, variant.path(operation), requests))


def run(variant: Variant, operation: Operation, connections: int, warm_up_s: int, seconds: int) -> Run:
    """Measure one run. Raises CalledProcessError for a wrong response."""
    before_s = variant.cpu_s()
    said = subprocess.run(
        command(connections, warm_up_s, seconds),
        input=load_of(variant, operation),
        stdout=subprocess.PIPE,
        check=True,
    )
    result = msgspec.json.decode(said.stdout, type=Result)
    latencies_ms, cpu_us = result.latencies_ms, (variant.cpu_s() - before_s) / result.answers * 1e6
    measure = Measure(name=variant.name, done=len(latencies_ms), seconds=seconds, latencies_ms=latencies_ms)
    return Run(measure, operation.name, connections, variant.rss_bytes(), cpu_us, result.cpu_share)


def ratios(name: str, cell: Cell) -> Iterator[str]:
    """The ratios of the gateway to each other variant: by the medians of the rounds, and in the worst round."""
    ours = cell["gateway"]
    if peer := cell.get("postgraphile"):
        yield ratio(f"{name}-to-postgraphile", _per_second(ours) / _per_second(peer), 3)
        worst = min(one.measure.per_second / other.measure.per_second for one, other in zip(ours, peer, strict=True))
        yield ratio(f"{name}-to-postgraphile-in-the-worst-round", worst, 2.3)
        yield ratio(f"{name}-p99-of-postgraphile-to-p99", _p99_ms(peer) / _p99_ms(ours), 1)
    if limit := cell.get("limit"):
        yield ratio(f"{name}-to-limit", _per_second(ours) / _per_second(limit), 0.85)
    if executor := cell.get("executor"):
        yield f"{name}: {_per_second(ours) / _per_second(executor):.1f} times as fast as by the executor"


def _per_second(runs: Sequence[Run]) -> float:
    return median(run.measure.per_second for run in runs)


def _p99_ms(runs: Sequence[Run]) -> float:
    return median(run.measure.percentile_ms(0.99) for run in runs)
