"""The Prefer header (RFC 7240): how long a client would like its request to wait for what follows from it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

from fastapi import Depends, Header, Request

MOST_WAIT_S = 10
"""A request waits no longer, whatever it prefers: proxies and clients have their own limits."""

APPLIED = "Preference-Applied"

_WAIT = re.compile(r'(?:^|,)[ \t]*wait[ \t]*=[ \t]*("?)([0-9]{1,9})\1[ \t]*(?=[,;]|$)', re.IGNORECASE | re.ASCII)


def wait_s(lines: Iterable[str]) -> int:
    """The seconds of `wait` in the lines of the header, at most MOST_WAIT_S; 0 without it.

    A malformed preference is ignored, as the RFC requires. Of several, the first counts.
    """
    found = _WAIT.search(",".join(lines))
    return min(int(found[2]), MOST_WAIT_S) if found else 0


async def _preferred_wait(
    request: Request,
    prefer: Annotated[
        str | None,
        Header(
            alias="Prefer",
            description=f"`wait=2` waits up to two seconds for what follows from the request; at most {MOST_WAIT_S}.",
        ),
    ] = None,
) -> int:
    return 0 if prefer is None else wait_s(request.headers.getlist("Prefer"))


WaitS = Annotated[int, Depends(_preferred_wait)]
"""The seconds that the client would like to wait, 0 if it did not say so."""
