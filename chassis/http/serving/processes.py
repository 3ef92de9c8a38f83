"""Several processes of one HTTP service on one port: a parent starts them, restarts one that ends, and stops all.

The parent loads the service once and forks, so that the processes share the memory of what is loaded. Each has a socket
of its own with SO_REUSEPORT, among which the kernel distributes connections. The parent keeps the sockets open, so that
connections made while a process is restarted wait for it.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from prometheus_client import Gauge
from prometheus_client.multiprocess import mark_process_dead

from chassis import settings
from chassis.logs import logger

log = logger(__name__)

RUNNING = Gauge("oms_http_processes", "Running processes of the service behind its port", multiprocess_mode="livesum")

RESTART_EVERY_S = 1.0
"""A process is restarted at most this often: one that cannot start would otherwise take all CPU time."""

EARLY_S = 5.0
MOST_EARLY_ENDS = 5
"""After so many processes in a row that ended so soon, the service ends, so that its supervisor sees that it fails."""

_METRICS = "PROMETHEUS_MULTIPROC_DIR"
_STOP = (signal.SIGTERM, signal.SIGINT)
_WAITED = (*_STOP, signal.SIGCHLD)
_PR_SET_PDEATHSIG = 1
_CHECK_EVERY_S = 60.0

Work = Callable[[socket.socket, int], None]
"""Serves a listening socket until SIGTERM, as the process with this number."""

_number = 1


def count(service: str) -> int:
    """The number of processes: `OMS_<SERVICE>_PROCESSES`, by default 1. Raises ValueError."""
    return settings.count(f"OMS_{service.upper()}_PROCESSES", 1)


def is_first() -> bool:
    """Whether this process does what only one of a service does, such as deleting expired rows."""
    return _number == 1


def run(work: Work, service: str, host: str, port: int, processes: int) -> None:
    """Run `work` in this many processes until SIGTERM or SIGINT, then until each has finished.

    Ends this process with status 1 if they do not stay alive. The first call starts the program again: the metrics
    client shares counters only if it is told before its import.
    """
    prefix = f"oms-{service}-metrics-"
    own = f"{prefix}{os.getpid()}-"  # which executing a program does not change
    if own not in os.environ.get(_METRICS, ""):
        _remove_folders_of_killed(prefix)
        os.environ[_METRICS] = tempfile.mkdtemp(prefix=own)
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    try:
        _Parent(work, _listening(host, port, processes)).run()
    finally:
        shutil.rmtree(os.environ[_METRICS], ignore_errors=True)


def _remove_folders_of_killed(prefix: str) -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        pid = folder.name.removeprefix(prefix).partition("-")[0]
        if pid == str(os.getpid()) or not Path("/proc", pid).exists():  # in a container, each start has the same
            shutil.rmtree(folder, ignore_errors=True)


class _Parent:
    """The parent of the processes. It receives signals one by one, so that none comes amid a fork."""

    def __init__(self, work: Work, sockets: Sequence[socket.socket]) -> None:
        self._work = work
        self._sockets = sockets
        self._numbers: dict[int, int] = {}
        self._started_at: dict[int, float] = {}
        self._starts = dict.fromkeys(range(1, len(sockets) + 1), 0.0)
        """When each process that is not running is to be started."""
        self._early_ends = 0
        self._is_stopping = False

    def run(self) -> None:
        """Run until all processes have ended, which are restarted unless this process is told to stop."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _WAITED)
        while self._numbers or self._starts:
            self._start_due()
            wait_s = min(self._starts.values(), default=time.monotonic() + _CHECK_EVERY_S) - time.monotonic()
            received = signal.sigtimedwait(_WAITED, max(0.0, wait_s))
            if received and received.si_signo in _STOP:
                self._stop()
            self._reap()
        if self._early_ends >= MOST_EARLY_ENDS:
            sys.exit(1)

    def _start_due(self) -> None:
        parent, moment = os.getpid(), time.monotonic()
        for number in [number for number, due in self._starts.items() if due <= moment]:
            del self._starts[number]
            pid = os.fork()
            if pid == 0:
                _become_child(self._work, self._sockets, number, parent)
            self._numbers[pid] = number
            self._started_at[number] = moment

    def _reap(self) -> None:
        """Take note of all that have ended: one signal may stand for several. As PID 1, of others' children too."""
        while self._numbers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            if number := self._numbers.pop(pid, 0):
                mark_process_dead(pid)  # type: ignore[no-untyped-call]
                if not self._is_stopping:
                    self._restart(number, os.waitstatus_to_exitcode(status))

    def _restart(self, number: int, exit_status: int) -> None:
        """Start a process that has ended once more, or give up."""
        is_early = time.monotonic() < self._started_at[number] + EARLY_S
        self._early_ends = self._early_ends + 1 if is_early else 0
        if self._early_ends < MOST_EARLY_ENDS:
            log.error("process ended, restarting", process=number, exit_status=exit_status)
            self._starts[number] = self._started_at[number] + RESTART_EVERY_S
        else:
            log.error("processes end early, giving up", process=number, exit_status=exit_status)
            self._stop()

    def _stop(self) -> None:
        self._is_stopping = True
        self._starts.clear()
        for each in self._sockets:
            each.close()
        for pid in self._numbers:
            os.kill(pid, signal.SIGTERM)


def _become_child(work: Work, sockets: Sequence[socket.socket], number: int, parent: int) -> NoReturn:
    """Run `work`, and end this process."""
    global _number
    status = 1
    try:
        _number = number
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it ended before that
            os._exit(1)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _WAITED)
        RUNNING.set(1)
        for other in (*sockets[: number - 1], *sockets[number:]):
            other.close()  # or its clients would wait for a process that has ended
        work(sockets[number - 1], number)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        log.exception("process failed")
    finally:
        try:
            sys.stdout.flush()
        finally:
            os._exit(status)  # not through the frames of the parent


def _listening(host: str, port: int, number: int) -> list[socket.socket]:
    """Sockets that share the port, which must be free: SO_REUSEPORT would share it even with another service."""
    _bound(host, port, shared=False).close()
    sockets = [_bound(host, port, shared=True) for _ in range(number)]
    for each in sockets:
        each.listen(2048)
    return sockets


def _bound(host: str, port: int, *, shared: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind((host, port))
    return made
