"""The processes of a benchmark: services, configured as in production, and loads that print what they measured."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
import msgspec

from benchmarks.measures import Measure
from chassis import addresses

READY_WITHIN_S = 60


@contextmanager
def service(module: str, name: str, settings: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run the service `name` as `python -m module`, once it is ready. Raises RuntimeError if it is not in a minute."""
    environ = {**os.environ, "OMS_RATE_LIMIT": "100000000/minute", **settings}
    with subprocess.Popen([sys.executable, "-m", module], env=environ, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_until_ready(name, addresses.url(name, environ))
            yield process
        finally:
            process.terminate()


def measured(module: str, *arguments: object) -> list[Measure]:
    """The measurements that `python -m module` prints, each as a line of JSON. Raises CalledProcessError."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return [msgspec.json.decode(line, type=Measure) for line in printed.splitlines()]


def _wait_until_ready(name: str, url: str) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(url + "/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{name} is not ready after a minute")
