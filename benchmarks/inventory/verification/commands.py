"""Runs `oms` in a process of its own, and measures how long it takes and how much memory it needs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import NamedTuple

import psutil

LOOK_S = 0.02
NO_TIMEOUT_S = "3600"
"""A busy machine needs more time for a statement than a command allows by default, which is measured."""


class Run(NamedTuple):
    """How a command ended; its most resident memory, and its time with the start of Python."""

    exit_code: int
    printed: str
    seconds: float
    memory_mb: float

    def line(self, name: str, rows: int) -> str:
        """The run as one line of text."""
        rate = f"{rows / self.seconds:9,.0f} rows/s"
        return f"{name:<14} {rows:9,} rows in {self.seconds:7.2f} s   {rate}   {self.memory_mb:6.1f} MB"


def run_oms(*arguments: str) -> Run:
    """Run the command until it ends, whatever its exit code is."""
    timeouts = dict.fromkeys(("OMS_MYSQL_TIMEOUT_S", "OMS_RECONCILE_TIMEOUT_S"), NO_TIMEOUT_S)
    command, most_bytes, began = [sys.executable, "-m", "oms", *arguments], 0, time.perf_counter()
    with subprocess.Popen(command, env=os.environ | timeouts, stdout=subprocess.PIPE, text=True) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            most_bytes = max(most_bytes, watched.memory_info().rss)
            time.sleep(LOOK_S)
        seconds = time.perf_counter() - began
        assert process.stdout is not None, "it is a pipe"
        return Run(process.returncode, process.stdout.read(), seconds, most_bytes / 1e6)
