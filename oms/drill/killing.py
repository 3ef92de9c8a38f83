"""Kills what takes part in a sale, one after the other, while buyers come. The supervisor starts it again."""

from __future__ import annotations

from collections.abc import Callable

from chassis.addresses import port, store_process

Kill = Callable[[str], bool]
"""Kills a program by its name. Returns whether it ran on this machine."""


class NotSupervised(Exception):
    """The processes do not run on this machine."""


def victims(store_id: str) -> tuple[str, ...]:
    """The programs that are killed, in this order, after equal parts of the buyers."""
    return "inventory_worker", store_process(store_id), "orders_worker", "inventory", "redis", "connect", "orders"


def killer(store_id: str) -> Kill:
    """A function that kills the programs that listen on their ports. Raises NotSupervised if there are none."""
    try:
        import psutil  # not part of the container image
    except ImportError:
        raise NotSupervised("--kill needs the package psutil, which the embedded stack has; see `make up`") from None

    def listening(name: str) -> list[psutil.Process]:
        wanted = port(name)
        connections = psutil.net_connections("tcp")
        listeners = [each for each in connections if each.status == psutil.CONN_LISTEN and each.pid]
        numbers = {each.pid for each in listeners if each.laddr and each.laddr[1] == wanted}
        return [psutil.Process(number) for number in numbers]

    def kill(name: str) -> bool:
        processes = listening(name)
        for process in processes:
            process.kill()
        return bool(processes)

    if not all(listening(name) for name in victims(store_id)):
        raise NotSupervised("--kill needs all processes on this machine, under a supervisor; see `make up`")
    return kill
