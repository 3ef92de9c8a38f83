"""Whether a request's client is still there: work that nobody waits for is not begun.

The kernel knows of a client that left before the event loop does: a process that stood still, or had too much to do,
finds requests in its sockets whose clients have given up since, and may have sent them again.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from contextvars import ContextVar

IsGone = Callable[[], bool]

EXTENSION = "oms.client"
"""The extension in a scope whose `is_gone` says whether the client is gone."""

_LEFT = select.POLLRDHUP | select.POLLHUP | select.POLLERR | select.POLLNVAL

_is_gone: ContextVar[IsGone | None] = ContextVar("is_gone", default=None)
"""Of the request that is worked on. None outside of requests."""


class ClientGone(Exception):
    """The client has closed its connection before its request was begun. Nothing was done."""


def is_disconnected(descriptor: int) -> bool:
    """Whether the other end of this socket was closed or reset, also when there is still something to read."""
    poll = select.poll()
    poll.register(descriptor, select.POLLRDHUP)
    return any(event & _LEFT for _, event in poll.poll(0))


def set_client(is_gone: IsGone | None) -> None:
    """From now on this task, and those that it begins, work for this client."""
    _is_gone.set(is_gone)


def check() -> None:
    """Return where somebody waits for the work. Raises ClientGone."""
    is_gone = _is_gone.get()
    if is_gone is not None and is_gone():
        raise ClientGone
