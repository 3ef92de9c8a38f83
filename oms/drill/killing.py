"""Kills processes of this machine during a drill. The supervisor starts again what was killed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chassis.addresses import port, store_process

Kill = Callable[[str], bool]
"""Kills a program by its name. Returns whether it ran on this machine."""


class NotSupervised(Exception):
    """The processes do not run on this machine."""


def victims(store_id: str) -> tuple[str, ...]:
    """The programs that are killed, in this order, after equal parts of the buyers."""
    return "inventory_worker", store_process(store_id), "orders_worker", "inventory", "redis", "connect", "orders"


class Processes:
    """The programs that listen on their ports, by their names."""

    def __init__(self, psutil: Any) -> None:
        self._psutil = psutil

    def kill(self, name: str) -> bool:
        """Kill a program. Returns whether it ran."""
        found = self.listening(name)
        for process in found:
            process.kill()
        return bool(found)

    def listening(self, name: str) -> list[Any]:
        """The processes that listen on the port of a program."""
        wanted = port(name)
        connections = self._psutil.net_connections("tcp")
        listeners = [each for each in connections if each.status == self._psutil.CONN_LISTEN and each.pid]
        numbers = {each.pid for each in listeners if each.laddr and each.laddr[1] == wanted}
        return [self._psutil.Process(number) for number in numbers]


def processes(names: Sequence[str]) -> Processes:
    """The programs of this machine. Raises NotSupervised if one of these does not run."""
    try:
        import psutil  # not part of the container image
    except ImportError:
        raise NotSupervised("killing needs the package psutil, which the embedded stack has; see `make up`") from None
    found = Processes(psutil)
    if not all(found.listening(name) for name in names):
        raise NotSupervised("killing needs all processes on this machine, under a supervisor; see `make up`")
    return found
