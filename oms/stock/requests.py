"""Requests of the commands to `inventory` and the stores; an error ends a command with its text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

from oms.company.errors import RequestRefused, ServiceUnavailable
from oms.company.rest import Rest, rest
from oms.terminal import fail

Answer = TypeVar("Answer")

PAGE = 100


def run(work: Callable[[Rest], Awaitable[Answer]]) -> Answer:
    """The result of `work`. Raises Exit, after the error is printed."""

    async def with_services() -> Answer:
        async with rest() as services:
            return await work(services)

    try:
        return asyncio.run(with_services())
    except (RequestRefused, ServiceUnavailable) as error:
        raise fail(str(error)) from None


async def every_item(services: Rest, service: str, path: str, **filters: str) -> AsyncIterator[dict[str, Any]]:
    """The items of a list, of all its pages, with these filters."""
    cursor: str | None = None
    while True:
        page = (await services.get(service, path, limit=PAGE, cursor=cursor, **filters)).json()
        for item in page["items"]:
            yield item
        cursor = page["nextCursor"]
        if cursor is None:
            return
