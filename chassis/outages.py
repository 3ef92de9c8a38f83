"""An outage of a network connection: an error that says that the other side is away, not that this side is at fault."""

from __future__ import annotations

import errno
import re
import socket

_AWAY = {
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
    """Whether waiting may help, since the other side is away or slow.

    Not when this machine is out of files, ports or disk (EMFILE, EADDRNOTAVAIL, ENOSPC): no server is away then.
    """
    if isinstance(error, ConnectionError | TimeoutError | socket.gaierror):
        return True
    if not isinstance(error, OSError):
        return False
    if error.errno is not None:
        return error.errno in _AWAY
    # Where a name has several addresses, asyncio says in one text what was wrong with each.
    numbers = _NUMBER.findall(str(error))
    return bool(numbers) and all(int(number) in _AWAY for number in numbers)
