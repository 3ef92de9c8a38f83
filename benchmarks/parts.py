"""The parts of a benchmark: those that are wanted are measured, on the servers that they need."""

from __future__ import annotations

import argparse
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager

from benchmarks import servers

Part = Callable[[argparse.Namespace], Awaitable[None]]


async def measure(parts: Mapping[str, Part], options: argparse.Namespace) -> None:
    """Measure the parts that `options.only` names, all if it names none."""
    for name in parts:
        if not options.only or name in options.only:
            await parts[name](options)


@contextmanager
def running(*names: str) -> Iterator[None]:
    """Start these servers. On a busy machine, statements of the benchmark wait and count all the same."""
    with servers.running(*names):
        os.environ["OMS_MYSQL_WAIT_TIMEOUT_S"] = os.environ["OMS_MYSQL_TIMEOUT_S"] = "60"
        yield
