"""Dispatches a request: a subscription begins, any other operation is executed once."""

from __future__ import annotations

import asyncio

import orjson
from graphql import OperationType

from gateway.errors import TIMEOUT, Refusal, internal_error
from gateway.live.hub import Hub
from gateway.operations.execution import Executor
from gateway.operations.operations import Operation
from gateway.requests.request import Request
from gateway.requests.response import Response, error_of


class Dispatcher:
    """Executes queries, and recognizes subscriptions."""

    def __init__(self, executor: Executor, hub: Hub) -> None:
        self.executor = executor
        self.hub = hub

    async def subscription(self, request: Request) -> Operation | None:
        """The operation of a valid subscription; None for any other operation. Raises Refusal."""
        operation = await self.executor.find(request)
        definition = operation.definition
        if operation.errors or definition is None or definition.operation is not OperationType.SUBSCRIPTION:
            return None
        self.executor.check_cost(operation, request)
        return operation

    async def execute(self, request: Request) -> Response:
        """The response of an operation that is not a subscription. Raises Refusal, also on timeout."""
        within_s = self.executor.limits.timeout_s
        try:
            async with asyncio.timeout(within_s):
                return await self.executor.execute(request)
        except TimeoutError as error:
            raise Refusal(TIMEOUT, f"the query took longer than {within_s:g} s and was cancelled", 504) from error


def errors_of(reason: Exception) -> bytes:
    """The JSON of the errors that a client receives when its subscription ends with this exception."""
    return orjson.dumps([error_of(reason if isinstance(reason, Refusal) else internal_error())])
