"""Detects clients that have disconnected, so that no work is started for them.

The kernel knows of a disconnect before the event loop does: a process that was paused or overloaded finds requests in
its sockets whose clients have timed out since and may have retried.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from contextvars import ContextVar

IsGone = Callable[[], bool]

EXTENSION = "oms.client"
"""The extension of a scope whose `is_gone` returns whether the client has disconnected."""

_LEFT = select.POLLRDHUP | select.POLLHUP | select.POLLERR | select.POLLNVAL

_is_gone: ContextVar[IsGone | None] = ContextVar("is_gone", default=None)
"""Of the current request. None outside of requests."""


class ClientGone(Exception):
    """The client closed its connection before its request was started. Nothing was done."""


def is_disconnected(descriptor: int) -> bool:
    """Whether the peer of this socket has closed or reset it, even with unread data."""
    poll = select.poll()
    poll.register(descriptor, select.POLLRDHUP)
    return any(event & _LEFT for _, event in poll.poll(0))


def set_client(is_gone: IsGone | None) -> None:
    """Set the client of this task and of the tasks that it creates."""
    _is_gone.set(is_gone)


def check() -> None:
    """Raises ClientGone if the client of this task has disconnected."""
    is_gone = _is_gone.get()
    if is_gone is not None and is_gone():
        raise ClientGone
