"""Profiles a Python process with py-spy, by package."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FRAME = re.compile(r"(?P<function>.+) \((?P<file>.+?)(:\d+)?\)$")
_OURS = (
    *("benchmarks/", "orders_stream/", "orders/", "customers/", "products/", "inventory/", "stores/", "shipping/"),
    *("chassis/", "contracts/"),
)


@contextmanager
def of(pid: int, seconds: int) -> Iterator[None]:
    """Sample a process while the block runs, then print the share of each package, with and without callees."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "samples"
        command = [str(Path(sys.executable).with_name("py-spy")), "record", "--pid", str(pid), "--rate", "500"]
        options = ["--format", "raw", "--full-filenames", "--duration", str(seconds), "--output", str(file)]
        with subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL) as sampler:
            yield
            sampler.wait()
        print(table(file.read_text()))


def table(samples: str) -> str:
    """A Markdown table from py-spy's raw output (frames separated by `;`, then a count)."""
    within: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for line in samples.splitlines():
        stack, _, count = line.rpartition(" ")
        packages = [_package(frame) for frame in stack.split(";")]
        alone[packages[-1]] += int(count)
        for package in set(packages):
            within[package] += int(count)
    total = sum(alone.values()) or 1
    rows = [
        f"| {package} | {within[package] / total:.0%} | {alone[package] / total:.0%} |"
        for package, _ in within.most_common()
        if within[package] / total >= 0.01
    ]
    return "\n".join(["| where | within | itself |", "| --- | --- | --- |", *rows])


def _package(frame: str) -> str:
    found = _FRAME.match(frame)
    file = found["file"] if found else frame
    if "site-packages/" in file:
        return file.split("site-packages/")[1].split("/")[0].removesuffix(".py")
    for ours in _OURS:
        if f"/{ours}" in file:
            return ours + file.rpartition(f"/{ours}")[2]
    return "python"
