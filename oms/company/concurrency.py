"""Runs one action for many items with limited concurrency."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")


async def each_of(items: Iterable[Item], workers: int, action: Callable[[Item], Awaitable[None]]) -> None:
    """Await `action` for each item, `workers` at once. The first error cancels the rest and is raised as it is."""
    rest = iter(items)

    async def work() -> None:
        for item in rest:
            await action(item)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(work())
    except BaseExceptionGroup as group_error:
        raise group_error.exceptions[0] from None
