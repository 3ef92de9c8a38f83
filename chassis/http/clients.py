"""The client of a request: the name in `X-Client-Id`. Its address is used for the rate limit only.

Nothing here authenticates. A proxy in front of the services (a gateway, a mesh) does, and sets `X-Client-Id` itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from starlette.requests import HTTPConnection

from chassis.http.errors.problems import Problem

CLIENT_ID = "X-Client-Id"

NAME = r"[A-Za-z0-9][A-Za-z0-9._@:-]{0,99}"
_A_NAME = re.compile(NAME)

_AN_ADDRESS = re.compile(r"[A-Za-z0-9:.%-]{1,100}")


async def caller(request: HTTPConnection) -> str | None:
    """The client's name, at most 100 ASCII characters; None without the header. Raises Problem (400)."""
    return client_name(request.headers.getlist(CLIENT_ID))


def client_name(lines: Sequence[str]) -> str | None:
    """The name in the lines of the header. Raises Problem: ignoring a malformed name would hide the error."""
    if not lines:
        return None
    if len(lines) > 1 or not _A_NAME.fullmatch(lines[0]):
        detail = f"{CLIENT_ID} is malformed (1 to 100 letters, digits or any of . _ @ : -, once)."
        raise Problem(400, "client-id-invalid", detail)
    return lines[0]


@lru_cache(maxsize=1024)
def rate_limit_key(name: str | None, address: str) -> str:
    """The key of the rate limit: the client's name, or else its address.

    The address may come from `X-Forwarded-For`, which is any text that the proxy forwards.
    """
    return name or (address if _AN_ADDRESS.fullmatch(address) else "unknown")
