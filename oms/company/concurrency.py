"""Doing the same for many things, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

Thing = TypeVar("Thing")


async def each_of(things: Iterable[Thing], workers: int, action: Callable[[Thing], Awaitable[None]]) -> None:
    """Await `action` for each thing, `workers` at once. The first error ends it all and is raised as it is."""
    rest = iter(things)

    async def work() -> None:
        for thing in rest:
            await action(thing)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(work())
    except BaseExceptionGroup as group_error:
        raise group_error.exceptions[0] from None
