"""Calls a function for many items, some at a time: most of a request's time is waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


async def at_once(work: Callable[[Item], Awaitable[Result]], items: Iterable[Item], most: int = 8) -> list[Result]:
    """The results in the order of the items. Raises the first error, and cancels what is not done."""
    turn = asyncio.Semaphore(most)

    async def one(item: Item) -> Result:
        async with turn:
            return await work(item)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(item)) for item in items]
    return [task.result() for task in tasks]
