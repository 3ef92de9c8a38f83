"""GET of a whole table as JSON lines in the order of a key, read page by page in constant memory.

An interrupted export has no end: the client sees that the connection broke, and resumes after the last key it has.
Concurrent changes may or may not be included.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

from fastapi.responses import StreamingResponse

from chassis.bulk.json_lines import MEDIA_TYPE
from chassis.databases.mysql import Connection, Database

Item = TypeVar("Item")
Key = TypeVar("Key")

PAGE = 200


async def each_page(
    database: Database,
    read: Callable[[Connection, Key, int], Awaitable[Sequence[Item]]],
    key: Callable[[Item], Key],
    after: Key,
) -> AsyncIterator[Sequence[Item]]:
    """All items after `after`, by page; `read` returns at most so many after a key, fewer if they are large.

    Raises Unavailable.
    """
    while True:
        async with database.reading() as connection:
            page = await read(connection, after, PAGE)
        if not page:
            return
        yield page
        after = key(page[-1])


async def export_response(parts: AsyncIterator[bytes]) -> StreamingResponse:
    """The response with the lines. Raises what the first part raises, while the response can still be a problem."""
    first = await anext(parts, b"")

    async def lines() -> AsyncIterator[bytes]:
        yield first
        async for part in parts:
            yield part

    return StreamingResponse(lines(), media_type=MEDIA_TYPE)
