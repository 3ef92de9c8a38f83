"""What happens to processes during a drill of stores: one store is cut off, then each program is killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from chassis import tasks
from chassis.addresses import store_process
from oms.company.rest import Rest
from oms.company.retries import until_available
from oms.drill.killing import Processes, processes
from oms.terminal import bad, console

CUT_OFF_S = 40.0
"""Longer than a store may be silent until it is stale, and than it may take to answer."""


@dataclass
class Disturbance:
    """The programs that are killed, in this order, and the store whose process is paused before."""

    killed: Sequence[str] = ()
    cut_off: str | None = None
    _left: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def during(self, rest: Rest, seconds: float) -> AsyncIterator[None]:
        """Disturb while the block runs, which takes so long. Nothing stays paused. Raises NotSupervised."""
        names = [*self.killed, *([store_process(self.cut_off)] if self.cut_off else [])]
        if not names:
            yield
            return
        found = processes(names)
        disturbing = asyncio.create_task(self._disturb(rest, found, seconds))
        try:
            yield
            if disturbing.done():
                disturbing.result()
        finally:
            await tasks.end(disturbing)
            found.resume()
        if self._left:
            console.print(bad(f"there was no time to kill {', '.join(self._left)}"))

    async def _disturb(self, rest: Rest, found: Processes, seconds: float) -> None:
        self._left = list(self.killed)
        pause_s = max(0.0, seconds - (CUT_OFF_S if self.cut_off else 0)) / (len(self.killed) + 2)
        await asyncio.sleep(pause_s)
        if self.cut_off:
            await self._cut_off(rest, found, self.cut_off)
            await asyncio.sleep(pause_s)
        while self._left:
            name = self._left.pop(0)
            console.print(f"killed {name}" if found.kill(name) else f"{name} did not run")
            await asyncio.sleep(pause_s)

    async def _cut_off(self, rest: Rest, found: Processes, store_id: str) -> None:
        process = store_process(store_id)
        console.print(f"paused {process} for {CUT_OFF_S:g} s" if found.pause(process) else f"{process} did not run")
        await asyncio.sleep(CUT_OFF_S)
        shown = (await until_available(lambda: rest.get("inventory", f"/stores/{store_id}"))).json()
        console.print(f"{store_id} is {'stale' if shown['stale'] else 'not stale'}")
        found.resume()
