"""What happens to processes during a drill of stores: one store is cut off, then each program is killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from chassis.addresses import store_process
from oms.company.rest import Rest
from oms.drill.cutting import CUT_OFF_S, cut_off, findings
from oms.drill.killing import Processes, processes
from oms.drill.tills import Fair
from oms.terminal import bad, console

MOST_OF_A_CUT_S = CUT_OFF_S + 60.0
"""With the time to separate the store from the others, and to join it again."""


@dataclass
class Disturbance:
    """The programs that are killed, in this order, and the store that is cut off before. `wrong` is what was wrong."""

    killed: Sequence[str] = ()
    cut_off: str | None = None
    wrong: list[str] = field(default_factory=list)
    _left: list[str] = field(default_factory=list)
    _is_over: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def during(self, rest: Rest, fair: Fair, seconds: float) -> AsyncIterator[None]:
        """Disturb while the block runs, which takes so long; a cut is ended first. Raises NotSupervised."""
        names = [*self.killed, *([store_process(self.cut_off)] if self.cut_off else [])]
        if not names:
            yield
            return
        disturbing = asyncio.create_task(self._disturb(rest, fair, processes(names), seconds))
        try:
            yield
        finally:
            self._is_over.set()
            await disturbing
        if self._left:
            console.print(bad(f"there was no time to kill {', '.join(self._left)}"))

    async def _disturb(self, rest: Rest, fair: Fair, found: Processes, seconds: float) -> None:
        self._left = list(self.killed)
        pause_s = max(0.0, seconds - (MOST_OF_A_CUT_S if self.cut_off else 0)) / (len(self.killed) + 2)
        await self._pause(pause_s)
        if self.cut_off:
            await self._cut_off(rest, fair, self.cut_off)
            await self._pause(pause_s)
        while self._left and not self._is_over.is_set():
            name = self._left.pop(0)
            console.print(f"killed {name}" if found.kill(name) else f"{name} did not run")
            await self._pause(pause_s)

    async def _cut_off(self, rest: Rest, fair: Fair, store_id: str) -> None:
        console.print(f"{store_id} is cut off for {CUT_OFF_S:g} s")
        seen = await cut_off(rest, fair, store_id, self._pause)
        sold = seen.in_central - seen.on_hand
        console.print(f"{store_id} was {'stale' if seen.was_stale else 'not stale'}; central missed {sold} units sold")
        self.wrong += findings(store_id, seen)

    async def _pause(self, seconds: float) -> None:
        """Wait, but not for longer than the block runs."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._is_over.wait()
