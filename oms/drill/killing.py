"""Kills what takes part in a sale, one after the other, while buyers come. The supervisor starts it again."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from chassis.addresses import store_process

Kill = Callable[[str], bool]
"""Kills a program by its name. Returns whether it ran."""


class NotSupervised(Exception):
    """The processes do not run under the supervisor of this checkout."""


def victims(store_id: str) -> tuple[str, ...]:
    """The programs that are killed, in this order, after equal parts of the buyers."""
    return "inventory_worker", store_process(store_id), "orders_worker", "inventory", "redis", "connect", "orders"


def killer() -> Kill:
    """A function that kills programs of the embedded stack. Raises NotSupervised without one."""
    try:
        from local import supervisor  # not part of the container image
        from local.environment import environment
    except ImportError:
        raise NotSupervised("--kill needs the embedded stack, see `make up`") from None
    environ = environment()
    if supervisor.pid(environ) is None:
        raise NotSupervised("--kill needs the embedded stack, and it does not run; see `make up`")

    def kill(name: str) -> bool:
        number = supervisor.states(environ)[name]["pid"]
        if not number:
            return False
        os.kill(number, signal.SIGKILL)
        return True

    return kill
