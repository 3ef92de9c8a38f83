"""Clients that stop receiving: the timeout, and the abort of their connections."""

from __future__ import annotations

from starlette.types import Scope

from chassis.http.protocol import ABORT

SEND_TIMEOUT_S = 10.0
"""A client that receives nothing for so long is disconnected; it can resume with its cursor."""


def abort(scope: Scope) -> bool:
    """Abort the connection and discard unsent data. False when the server does not support this."""
    extension = scope.get("extensions", {}).get(ABORT)
    if extension is None:
        return False
    extension["abort"]()
    return True
