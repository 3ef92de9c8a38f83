"""Monitors whether the memory of the gateway grows during long load with all three operations."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median

from benchmarks.gateway.operations import Operation
from benchmarks.gateway.runs import command, load_of
from benchmarks.gateway.variants import Variant
from benchmarks.measures import ratio

LOOK_EVERY_S = 1.0
WARM_UP_S = 20
CONNECTIONS = 11
"""Connections of each of the three operations."""


def watched(gateway: Variant, operations: Sequence[Operation], seconds: int) -> str:
    """Run the load; the ratio of memory in the first tenth of the time to the last. Raises CalledProcessError."""
    with _under_load(gateway, operations, seconds + WARM_UP_S) as loads:
        time.sleep(WARM_UP_S)
        looks: list[int] = []
        while all(load.poll() is None for load in loads):
            looks.append(gateway.rss_bytes())
            time.sleep(LOOK_EVERY_S)
    tenth = max(1, len(looks) // 10)
    first, last = median(looks[:tenth]), median(looks[-tenth:])
    print(f"memory over {seconds} s: {first / 1e6:.0f} MB at first, {last / 1e6:.0f} MB at last", flush=True)
    return ratio("memory-first-to-last", first / last, 0.95)


@contextmanager
def _under_load(
    gateway: Variant, operations: Sequence[Operation], seconds: int
) -> Iterator[list[subprocess.Popen[bytes]]]:
    loads = [
        subprocess.Popen(command(CONNECTIONS, 0, seconds), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        for _ in operations
    ]
    try:
        for load, operation in zip(loads, operations, strict=True):
            assert load.stdin is not None
            load.stdin.write(load_of(gateway, operation))
            load.stdin.close()
        yield loads
    finally:
        for load in loads:
            if load.wait():
                raise subprocess.CalledProcessError(load.returncode, load.args)
