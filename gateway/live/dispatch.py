"""What the two protocols of subscriptions share: executing an operation, and the errors that end one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import orjson

from gateway.errors import Refusal, internal_error, timed_out
from gateway.live.subscribers import Subscriber
from gateway.operations.execution import Executor
from gateway.operations.operations import Operation
from gateway.requests.request import Request
from gateway.requests.response import Response, error_of

CheckRate = Callable[[], Awaitable[object]]
"""Counts one operation of a client. Raises Refusal when it exceeds its rate limit."""


class Subscriptions(Protocol):
    """Serves subscriptions: see `Hub`."""

    def subscribe(
        self, operation: Operation, name: str | None, variables: Mapping[str, Any], last_event_id: str | None = None
    ) -> AbstractAsyncContextManager[Subscriber]:
        """The events of a subscription, while the block runs. Raises Refusal, as do the events."""

    async def end(self) -> None:
        """End all subscriptions and accept no new ones."""


class Dispatcher:
    """Executes queries, and recognizes subscriptions."""

    def __init__(self, executor: Executor, hub: Subscriptions) -> None:
        self.executor = executor
        self.hub = hub

    async def execute(self, request: Request, check_rate: CheckRate) -> Response | Operation:
        """As `Executor.execute`, within the rate limit and the time limit. Raises Refusal, also on timeout."""
        within_s = self.executor.limits.timeout_s
        try:
            async with asyncio.timeout(within_s):
                await check_rate()
                return await self.executor.execute(request)
        except TimeoutError as error:
            raise timed_out(within_s) from error


def errors_of(reason: Exception) -> bytes:
    """The JSON of the errors that a client receives when its subscription ends with this exception."""
    return orjson.dumps([error_of(reason if isinstance(reason, Refusal) else internal_error())])
