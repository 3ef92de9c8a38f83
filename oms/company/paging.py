"""Goes through the pages of a list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx

PAGE = 100


async def every_item(get: Callable[..., Awaitable[httpx.Response]]) -> AsyncIterator[dict[str, Any]]:
    """The items of all pages. `get` requests one, with the parameters `limit` and `cursor`."""
    cursor: str | None = None
    while True:
        page = (await get(limit=PAGE, cursor=cursor)).json()
        for item in page["items"]:
            yield item
        cursor = page["nextCursor"]
        if cursor is None:
            return
