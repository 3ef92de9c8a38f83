"""Who calls: the name a client gives itself, or the address it calls from.

Nothing here authenticates. Whoever is in front of the services (a gateway, a mesh) does, and sets `X-Client-Id` itself.
"""

from __future__ import annotations

import re
from functools import lru_cache

from starlette.requests import HTTPConnection

CLIENT_ID = "X-Client-Id"
_A_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:-]{0,99}")

_AN_ADDRESS = re.compile(r"[A-Za-z0-9:.%-]{1,100}")


def caller(request: HTTPConnection) -> str:
    """The caller's name, at most 100 ASCII characters. A name that does not fit counts as none.

    The address may be what a proxy says in `X-Forwarded-For`, which is any text that the proxy lets through.
    """
    return named(request.headers.get(CLIENT_ID, ""), request.client.host if request.client else "")


@lru_cache(maxsize=1024)
def named(name: str, address: str) -> str:
    """The caller who gives this name and calls from this address."""
    if _A_NAME.fullmatch(name):
        return name
    return address if _AN_ADDRESS.fullmatch(address) else "unknown"
