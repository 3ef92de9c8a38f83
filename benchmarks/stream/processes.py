"""The CPU time and the memory of everything that works on a run: the variant, Postgres and Kafka."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from local import supervisor

VARIANT = "variant"
SERVERS = ("postgres", "kafka")


class Tree:
    """A process with its descendants, including those that ended and were waited for."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)

    def cpu_s(self) -> float:
        """User and system time. Raises psutil.NoSuchProcess if the process ended."""
        if self._root.status() == psutil.STATUS_ZOMBIE:
            raise psutil.NoSuchProcess(self._root.pid)
        times = self._root.cpu_times()
        total = times.user + times.system + times.children_user + times.children_system
        return float(total) + sum(_cpu_s(child) for child in self._root.children(recursive=True))

    def memory_bytes(self) -> int:
        """Resident memory, with each shared page divided by the processes that share it (PSS)."""
        return sum(_pss_bytes(process.pid) for process in (self._root, *self._root.children(recursive=True)))


def _cpu_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _pss_bytes(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    [line] = [line for line in rollup.splitlines() if line.startswith("Pss:")]
    return int(line.split()[1]) * 1024


def trees(variant_pid: int) -> Mapping[str, Tree]:
    """The variant's process and the servers of this benchmark, by name."""
    states = supervisor.states(os.environ)
    pids = {VARIANT: variant_pid} | {name: states[name]["pid"] for name in SERVERS}
    return {name: Tree(pid) for name, pid in pids.items()}


@contextmanager
def process(name: str, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process to measure; its output goes to the logs of this benchmark."""
    log = log_of(name)
    with log.open("ab") as out, subprocess.Popen(command, stdout=out, stderr=out) as started:
        try:
            yield started
        except Exception as error:
            error.add_note(f"the last of {name}: {log.read_text()[-2000:]}")
            raise
        finally:
            started.terminate()


def log_of(name: str) -> Path:
    """The file with the output of a process."""
    return Path(os.environ["OMS_DATA_DIR"]) / "log" / f"{name}.log"
