"""Shows the running programs: state, start, port and memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from chassis.addresses import port
from local import supervisor
from local.programs import Program, ours

COLUMNS = ("name", "state", "since", "pid", "port", "memory")


def show(environ: Mapping[str, str], console: Console | None = None) -> None:
    """Print the table of programs."""
    console = console or Console()
    own_pid = supervisor.pid(environ)
    if own_pid is None:
        console.print("nothing is running; run `make up`")
        return
    table = Table(*COLUMNS, caption_justify="right")
    total_mb = memory_mb(own_pid, with_children=False)
    states = supervisor.states(environ)
    for program in ours(environ):
        state = states[program.name]
        used_mb = memory_mb(state["pid"]) if state["pid"] else 0.0
        total_mb += used_mb
        table.add_row(*_row(program, state, environ), f"{used_mb:.0f} MB" if used_mb else "")
    table.caption = f"total with supervisord ({own_pid}): {total_mb:.0f} MB"
    console.print(table)


def memory_mb(pid: int, *, with_children: bool = True) -> float:
    """Memory of a process and its children in MB, as proportional set size: shared pages count once."""
    try:
        process = psutil.Process(pid)
        family = [process, *(process.children(recursive=True) if with_children else [])]
    except psutil.NoSuchProcess:
        return 0.0
    return sum(_one(member) for member in family) / 1e6


def _one(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0
    except psutil.AccessDenied:
        return int(process.memory_info().rss)


def _row(program: Program, state: Mapping[str, Any], environ: Mapping[str, str]) -> list[str]:
    started = datetime.fromtimestamp(state["start"]).astimezone() if state["pid"] else None
    finished = program.once and state["statename"] == "EXITED" and state["exitstatus"] == 0
    return [
        program.name,
        "done" if finished else state["statename"].lower(),
        started.strftime("%d %b %H:%M:%S") if started else "",
        str(state["pid"] or ""),
        ", ".join(str(port(name, environ)) for name in program.ports),
    ]
