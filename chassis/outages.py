"""Recognizes outages of network connections: errors that the peer is unavailable, not faults of this side."""

from __future__ import annotations

import errno
import re
import socket

_UNAVAILABLE = {
    errno.ECONNABORTED,
    errno.ECONNREFUSED,
    errno.ECONNRESET,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.ENETDOWN,
    errno.ENETRESET,
    errno.ENETUNREACH,
    errno.ENOTCONN,
    errno.EPIPE,
    errno.ESHUTDOWN,
    errno.ETIMEDOUT,
}

_NUMBER = re.compile(r"\[Errno (-?\d+)]")


def is_outage(error: BaseException | None) -> bool:
    """Whether a retry may succeed, since the peer is unavailable or slow.

    Not if this machine has run out of files, ports or disk (EMFILE, EADDRNOTAVAIL, ENOSPC).
    """
    if isinstance(error, ConnectionError | TimeoutError | socket.gaierror):
        return True
    if not isinstance(error, OSError):
        return False
    if error.errno is not None:
        return error.errno in _UNAVAILABLE
    # For a name with several addresses, asyncio puts the errors of all into one text.
    numbers = _NUMBER.findall(str(error))
    return bool(numbers) and all(int(number) in _UNAVAILABLE for number in numbers)
