"""Starts, queries and stops the supervisord of one stack."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xmlrpc.client import ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from local.accounts import CHECKOUT, PYTHON
from local.configuration import configuration_file, full_name, socket_path
from local.environment import data_dir
from local.errors import StackError
from local.programs import Program

STOPPED = {"STOPPED", "EXITED", "FATAL", "UNKNOWN"}
STOP_TIMEOUT_S = 120.0


def pid(environ: Mapping[str, str]) -> int | None:
    """The process id of this stack's supervisord; None if it does not run, even if an old pid file exists."""
    try:
        number = int((data_dir(environ) / "supervisord.pid").read_text())
    except (OSError, ValueError):
        return None
    return number if _is_ours(number, environ) else None


def start(environ: Mapping[str, str]) -> None:
    """Start supervisord without its programs. Raises StackError with its output if that fails."""
    command = [str(PYTHON), "-m", "supervisor.supervisord", "-c", str(configuration_file(environ))]
    result = subprocess.run(command, cwd=CHECKOUT, env=dict(environ), capture_output=True, text=True, check=False)
    if result.returncode:
        raise StackError(f"supervisord did not start: {(result.stderr or result.stdout).strip()}")


def stop(environ: Mapping[str, str]) -> bool:
    """Stop supervisord with all programs, and wait for the end. Returns whether it was running."""
    number = pid(environ)
    if number is None:
        return False
    os.kill(number, signal.SIGTERM)
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while _is_ours(number, environ):
        if time.monotonic() > deadline:
            raise StackError(f"supervisord ({number}) has not stopped its programs after {STOP_TIMEOUT_S:.0f} s")
        time.sleep(0.1)
    return True


def states(environ: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The state of each program by name: `statename`, `pid`, `start`, `exitstatus`, `spawnerr`."""
    return {info["name"]: info for info in _supervisord(environ).getAllProcessInfo()}


def start_program(program: Program, environ: Mapping[str, str]) -> None:
    """Start one program without waiting until it is ready."""
    _supervisord(environ).startProcess(full_name(program), False)


def stop_program(program: Program, environ: Mapping[str, str]) -> None:
    """Stop one program and wait for its end. It stays stopped until it is started again."""
    _supervisord(environ).stopProcess(full_name(program))


def _is_ours(number: int, environ: Mapping[str, str]) -> bool:
    """Whether the process is this stack's supervisord: process ids are reused, especially after a reboot."""
    try:
        return str(configuration_file(environ)) in Path(f"/proc/{number}/cmdline").read_text().split("\0")
    except OSError:
        return False


def _supervisord(environ: Mapping[str, str]) -> Any:
    url = f"unix://{socket_path(environ)}"
    return ServerProxy("http://127.0.0.1", transport=SupervisorTransport(None, None, url)).supervisor
