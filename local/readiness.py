"""Waits until everything that was started can serve, and says who cannot, why, and where to look."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local import answers, supervisor
from local.configuration import log_file
from local.errors import StackError
from local.programs import SERVERS, Program

ASK_TIMEOUT_S = 5.0
ASK_EVERY_S = 0.2
TELL_EVERY_S = 15.0

Say = Callable[[str], None]


def wait(programs: Sequence[Program], environ: Mapping[str, str], *, wait_s: float, say: Say) -> None:
    """Return when all are ready, announcing each, and again and again what is waited for, and why.

    Raises StackError with a line for each that is not ready after `wait_s`.
    """
    reasons = asyncio.run(_wait_for_all(programs, environ, wait_s, say))
    if reasons:
        states = supervisor.states(environ)
        told = [_told(name, reason, states, environ) for name, reason in reasons.items()]
        more = f"gave up after {wait_s:g} s; OMS_START_TIMEOUT_S allows more"
        raise StackError("\n".join([*told, more]))


async def _wait_for_all(
    programs: Sequence[Program], environ: Mapping[str, str], wait_s: float, say: Say
) -> dict[str, str]:
    began = time.monotonic()
    waits = {program: _Wait(program, environ, began, wait_s, say) for program in programs}
    telling = asyncio.create_task(_tell(waits.values(), began, say))
    await asyncio.gather(*(wait.until_ready() for wait in waits.values()))
    telling.cancel()
    return {program.name: wait.reason for program, wait in waits.items() if wait.reason}


@dataclass
class _Wait:
    """Waiting for one program. `reason` says why it is not ready; nothing once it is."""

    program: Program
    environ: Mapping[str, str]
    began: float
    wait_s: float
    say: Say
    reason: str = "not asked yet"

    async def until_ready(self) -> None:
        while True:
            self.reason = await _ask(self.program, self.environ)
            waited_s = time.monotonic() - self.began
            if not self.reason:
                self.say(f"{self.program.name} ready after {waited_s:.1f} s")
                return
            if waited_s > self.wait_s:
                return
            await asyncio.sleep(ASK_EVERY_S)


async def _tell(waits: Collection[_Wait], began: float, say: Say) -> None:
    while True:
        await asyncio.sleep(TELL_EVERY_S)
        if late := ", ".join(f"{wait.program.name} ({wait.reason})" for wait in waits if wait.reason):
            say(f"waiting since {time.monotonic() - began:.0f} s for {late}")


async def _ask(program: Program, environ: Mapping[str, str]) -> str:
    try:
        async with asyncio.timeout(ASK_TIMEOUT_S):
            if program.once:
                await _has_finished(program, environ)
            elif program.group == SERVERS:
                await answers.SERVERS[program.name](environ)
            else:
                await answers.process(program.name)(environ)
    except TimeoutError:
        return f"no answer in {ASK_TIMEOUT_S:g} s"
    except Exception as error:
        return str(error) or type(error).__name__
    return ""


async def _has_finished(program: Program, environ: Mapping[str, str]) -> None:
    state = supervisor.states(environ)[program.name]
    if state["statename"] != "EXITED" or state["exitstatus"] != 0:
        raise answers.NotReady("it has not come to its end yet")


def _told(name: str, reason: str, states: Mapping[str, Mapping[str, object]], environ: Mapping[str, str]) -> str:
    state = states[name]
    log = log_file(environ, name)
    said = _last_line(log) or state["spawnerr"] or "nothing"
    return f"{name} is not ready: {reason}; supervisord says {state['statename']}; its log {log} ends with: {said}"


def _last_line(log: Path) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        lines = file.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
