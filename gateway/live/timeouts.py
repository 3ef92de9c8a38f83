"""The timeouts of clients that stream, and the abort of their connections."""

from __future__ import annotations

from typing import NamedTuple

from starlette.types import Scope

from chassis.http.serving.protocol import ABORT


class Timeouts(NamedTuple):
    """The timeouts of a connection, in seconds.

    A client that receives nothing for `send_s` is disconnected; it can resume with its cursor. A WebSocket without
    `connection_init` after `init_s` is closed.
    """

    send_s: float = 10.0
    init_s: float = 10.0


DEFAULT_TIMEOUTS = Timeouts()


def abort(scope: Scope) -> bool:
    """Abort the connection and discard unsent data. False when the server does not support this."""
    extension = scope.get("extensions", {}).get(ABORT)
    if extension is None:
        return False
    extension["abort"]()
    return True
