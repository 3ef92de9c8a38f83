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
from types import FrameType
from typing import NoReturn

from prometheus_client import Gauge
from prometheus_client.multiprocess import mark_process_dead

from chassis import settings
from chassis.logs import logger

log = logger(__name__)

RUNNING = Gauge("oms_http_processes", "Running processes of the service behind its port", multiprocess_mode="livesum")

RESTART_EVERY_S = 1.0
"""A process is restarted at most this often: one that cannot start would otherwise take all CPU time."""

_METRICS = "PROMETHEUS_MULTIPROC_DIR"
_STOP = (signal.SIGTERM, signal.SIGINT)
_PR_SET_PDEATHSIG = 1

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

    The first call starts the program again: the metrics client shares counters only if it is told before its import.
    """
    if _METRICS not in os.environ:
        os.environ[_METRICS] = tempfile.mkdtemp(prefix=f"oms-{service}-metrics-")
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    try:
        _Parent(work, _listening(host, port, processes)).run()
    finally:
        shutil.rmtree(os.environ[_METRICS], ignore_errors=True)


class _Parent:
    def __init__(self, work: Work, sockets: Sequence[socket.socket]) -> None:
        self._work = work
        self._sockets = sockets
        self._numbers: dict[int, int] = {}
        self._started_at: dict[int, float] = {}
        self._is_stopping = False

    def run(self) -> None:
        """Run until all processes have ended, which are restarted unless this process is told to stop."""
        for each in _STOP:
            signal.signal(each, self._stop)
        for number in range(1, len(self._sockets) + 1):
            self._start(number)
        while self._numbers:
            pid, status = os.wait()
            if number := self._numbers.pop(pid, 0):  # others are not ours
                mark_process_dead(pid)  # type: ignore[no-untyped-call]
                self._restart(number, os.waitstatus_to_exitcode(status))

    def _restart(self, number: int, exit_status: int) -> None:
        if self._is_stopping:
            return
        log.error("process ended, restarting", process=number, exit_status=exit_status)
        time.sleep(max(0.0, self._started_at[number] + RESTART_EVERY_S - time.monotonic()))
        self._start(number)

    def _start(self, number: int) -> None:
        """Start a process, unless all are being stopped."""
        parent = os.getpid()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOP)  # the new process must be known to `_stop`
        if not self._is_stopping:
            pid = os.fork()
            if pid == 0:
                _become_child(self._work, self._sockets, number, parent)
            self._numbers[pid] = number
            self._started_at[number] = time.monotonic()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _stop(self, _: int, __: FrameType | None) -> None:
        self._is_stopping = True
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
        for each in _STOP:
            signal.signal(each, signal.SIG_DFL)
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it ended before that
            os._exit(1)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP)
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
        sys.stdout.flush()
        os._exit(status)  # not through the frames of the parent


def _listening(host: str, port: int, number: int) -> list[socket.socket]:
    """Sockets that share the port, which must be free: SO_REUSEPORT would share it even with another service."""
    _bound(host, port, shared=False).close()
    sockets = [_bound(host, port, shared=True) for _ in range(number)]
    for each in sockets:
        each.listen(2048)
        each.set_inheritable(True)
    return sockets


def _bound(host: str, port: int, *, shared: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind((host, port))
    return made
