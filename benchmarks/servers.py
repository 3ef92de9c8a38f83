"""Real servers for a benchmark, with their own ports and data folder, which is deleted afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from local import stack
from local.environment import environment

PORT_BASE = "26000"
DATA_DIR = ".local/benchmark"


@contextmanager
def running(*names: str) -> Iterator[dict[str, str]]:
    """Start these servers, and yield the environment of their clients (ports from `OMS_BENCHMARK_PORT_BASE`)."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("OMS_")}
    base = os.environ.get("OMS_BENCHMARK_PORT_BASE", PORT_BASE)
    environ = environment({**own, "OMS_PORT_BASE": base, "OMS_DATA_DIR": DATA_DIR})
    stack.clean(environ, say=lambda _: None)
    stack.up(environ, names)
    before = dict(os.environ)
    os.environ.update(environ)
    try:
        yield environ
    finally:
        os.environ.clear()
        os.environ.update(before)
        stack.clean(environ, say=lambda _: None)
