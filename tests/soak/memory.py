"""The resident memory of each program during the soak."""

from __future__ import annotations

from collections.abc import Mapping

import psutil

from local import supervisor
from local.programs import PROGRAMS


class Memory:
    """Samples of each program, in MB. A program that was started again begins anew."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._samples: dict[str, list[int]] = {}
        self._pids: dict[str, int] = {}
        self._starts: dict[str, int] = {}

    def sample(self) -> None:
        """Read the memory of every program that runs."""
        states = supervisor.states(self._environ)
        for name in [program.name for program in PROGRAMS if not program.once and program.name in states]:
            pid = states[name]["pid"]
            try:
                used = _used(psutil.Process(pid))
            except psutil.Error:
                continue
            if self._pids.get(name) != pid:
                self._pids[name], self._samples[name] = pid, []
                self._starts[name] = self._starts.get(name, 0) + 1
            self._samples[name].append(used)

    def lines(self) -> list[str]:
        """A table: first, highest and last sample since the last start, how many samples, and the starts before."""
        rows = [f"  {'program':<16}{'first':>7}{'highest':>9}{'last':>7} MB   samples  restarts"]
        rows += [
            f"  {name:<16}{found[0]:>7}{max(found):>9}{found[-1]:>7} {len(found):>12}{self._starts[name] - 1:>10}"
            for name, found in self._samples.items()
        ]
        return rows


def _used(process: psutil.Process) -> int:
    """Of the process and its children, without what Postgres's processes share."""
    total = 0
    for each in [process, *process.children(recursive=True)]:
        memory = each.memory_info()
        total += memory.rss - memory.shared
    return total >> 20
