"""The faults of the soak: programs are killed or frozen, one after another, and what was done is remembered."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from datetime import UTC, datetime

import psutil

from local import supervisor
from local.programs import PROGRAMS
from tests.support.system.freezing import frozen

PAUSE_S = 45.0
FROZEN_S = 15.0
KILLED_SHARE = 0.6
"""Of all faults; the others freeze."""


class Faults:
    """Kills or freezes servers and processes of the stack. `done` counts what was done to which."""

    def __init__(self, environ: dict[str, str], seed: int) -> None:
        self.done: Counter[str] = Counter()
        self._environ = environ
        self._random = random.Random(seed)
        self._names: list[str] = []

    async def run(self) -> None:
        """One fault after another, for ever."""
        while True:
            await asyncio.sleep(PAUSE_S)
            try:
                await self._next()
            except (psutil.Error, OSError) as error:  # it ended by itself at that moment
                print(f"{datetime.now(UTC):%H:%M:%S} no fault: {error!r}", flush=True)

    async def _next(self) -> None:
        if not self._names:  # each program once before any is chosen again
            self._names = [program.name for program in PROGRAMS if not program.once]
            self._random.shuffle(self._names)
        name = self._names.pop()
        state = supervisor.states(self._environ).get(name)
        if state is None or state["statename"] != "RUNNING":
            return
        if self._random.random() < KILLED_SHARE:
            self._note(f"{name} killed")
            _kill(state["pid"])
        else:
            self._note(f"{name} frozen for {FROZEN_S:.0f} s")
            with frozen(self._environ, name):
                await asyncio.sleep(FROZEN_S)

    def _note(self, what: str) -> None:
        self.done[what] += 1
        print(f"{datetime.now(UTC):%H:%M:%S} {what}", flush=True)


def _kill(pid: int) -> None:
    """Kill a program with its children: Elasticsearch is a child of its launcher."""
    first = psutil.Process(pid)
    for process in [*first.children(recursive=True), first]:
        os.kill(process.pid, signal.SIGKILL)
