"""Which responses may be kept, by whom (RFC 9111).

A response may hold a person's data, and so may a problem that quotes the request: nothing is stored unless a service
says that what it serves is about nobody.
"""

from __future__ import annotations

NO_STORE = "no-store"
"""Not to be stored by anybody: the default."""

REVALIDATED = "no-cache"
"""May be stored by everybody, and is served again only if the ETag is still the same (304)."""

PAGES = "public, max-age=300"
"""Documentation and its scripts, which change with a release."""


def cache_control(method: str, status: int, of_reads: str) -> str:
    """The Cache-Control of a response: `of_reads` for the success of a read, otherwise `NO_STORE`."""
    return of_reads if method == "GET" and status in (200, 304) else NO_STORE
