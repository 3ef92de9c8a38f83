"""Requests of the commands to `inventory` and the stores; an error ends a command with its text."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from oms.company.errors import RequestRefused, ServiceUnavailable
from oms.company.rest import Rest, rest
from oms.terminal import fail

Answer = TypeVar("Answer")


def run(work: Callable[[Rest], Awaitable[Answer]]) -> Answer:
    """The result of `work`. Raises Exit, after the error is printed."""

    async def with_services() -> Answer:
        async with rest() as services:
            return await work(services)

    try:
        return asyncio.run(with_services())
    except (RequestRefused, ServiceUnavailable) as error:
        raise fail(str(error)) from None
