"""Clients that take nothing of what is sent: how long that may last, and its end."""

from __future__ import annotations

from starlette.types import Scope

from chassis.http.protocol import ABORT

SEND_WITHIN_S = 10.0
"""A client that takes nothing for so long is cut off; it comes back with its cursor."""


def cut(scope: Scope) -> bool:
    """Cut the connection, with all that was not taken. False when the server has no way to do so."""
    extension = scope.get("extensions", {}).get(ABORT)
    if extension is None:
        return False
    extension["abort"]()
    return True
