"""Waits until every started program is ready; reports those that are not, with the reason and the log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local import health, supervisor
from local.configuration import log_file
from local.errors import StackError
from local.programs import SERVERS, Program

CHECK_TIMEOUT_S = 5.0
CHECK_EVERY_S = 0.2
REPORT_EVERY_S = 15.0

Say = Callable[[str], None]


def wait(programs: Sequence[Program], environ: Mapping[str, str], *, wait_s: float, say: Say) -> None:
    """Return when all programs are ready. Reports each that is, and periodically those that are not, with the reason.

    Raises StackError with a line for each program that is not ready after `wait_s`.
    """
    reasons = asyncio.run(_wait_for_all(programs, environ, wait_s, say))
    if reasons:
        states = supervisor.states(environ)
        lines = [_report(name, reason, states, environ) for name, reason in reasons.items()]
        more = f"timed out after {wait_s:g} s; set OMS_START_TIMEOUT_S to wait longer"
        raise StackError("\n".join([*lines, more]))


async def _wait_for_all(
    programs: Sequence[Program], environ: Mapping[str, str], wait_s: float, say: Say
) -> dict[str, str]:
    began = time.monotonic()
    waits = {program: _Wait(program, environ, began, wait_s, say) for program in programs}
    reporting = asyncio.create_task(_report_waits(waits.values(), began, say))
    await asyncio.gather(*(wait.until_ready() for wait in waits.values()))
    reporting.cancel()
    return {program.name: wait.reason for program, wait in waits.items() if wait.reason}


@dataclass
class _Wait:
    """The wait for one program. `reason` is why it is not ready; empty once it is."""

    program: Program
    environ: Mapping[str, str]
    began: float
    wait_s: float
    say: Say
    reason: str = "not checked yet"

    async def until_ready(self) -> None:
        while True:
            self.reason = await _check(self.program, self.environ)
            waited_s = time.monotonic() - self.began
            if not self.reason:
                self.say(f"{self.program.name} ready after {waited_s:.1f} s")
                return
            if waited_s > self.wait_s:
                return
            await asyncio.sleep(CHECK_EVERY_S)


async def _report_waits(waits: Collection[_Wait], began: float, say: Say) -> None:
    while True:
        await asyncio.sleep(REPORT_EVERY_S)
        if late := [f"  {wait.program.name}: {wait.reason}" for wait in waits if wait.reason]:
            say("\n".join([f"waiting for {time.monotonic() - began:.0f} s:", *late]))


async def _check(program: Program, environ: Mapping[str, str]) -> str:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            if program.once:
                await _has_finished(program, environ)
            elif program.group == SERVERS:
                await health.SERVERS[program.name](environ)
            else:
                await health.process(program.name)(environ)
    except TimeoutError:
        return f"no answer in {CHECK_TIMEOUT_S:g} s"
    except Exception as error:
        return health.short(str(error)) or type(error).__name__
    return ""


async def _has_finished(program: Program, environ: Mapping[str, str]) -> None:
    state = supervisor.states(environ)[program.name]
    if state["statename"] != "EXITED" or state["exitstatus"] != 0:
        raise health.NotReady("it has not finished yet")


def _report(name: str, reason: str, states: Mapping[str, Mapping[str, object]], environ: Mapping[str, str]) -> str:
    state = states[name]
    log = log_file(environ, name)
    last_line = _last_line(log) or state["spawnerr"] or "nothing"
    return f"{name} is not ready: {reason}; state {state['statename']}; its log {log} ends with: {last_line}"


def _last_line(log: Path) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        lines = file.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
