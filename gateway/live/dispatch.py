"""A request that may be a subscription: its operation, checked as every request's is, and what comes of it."""

from __future__ import annotations

import asyncio

import orjson
from graphql import OperationType

from gateway.errors import TIMEOUT, Refusal, failed_inside
from gateway.live.hub import Hub
from gateway.operations.execution import Answering
from gateway.operations.operations import Operation
from gateway.requests import response
from gateway.requests.request import Asked
from gateway.requests.response import Answer


class Requests:
    """Answers single operations, and knows those that go on."""

    def __init__(self, answering: Answering, hub: Hub) -> None:
        self.answering = answering
        self.hub = hub

    async def subscription(self, asked: Asked) -> Operation | None:
        """The operation when it is a valid subscription; None for all that is answered once. Raises Refusal."""
        operation = await self.answering.find(asked)
        definition = operation.definition
        if operation.errors or definition is None or definition.operation is not OperationType.SUBSCRIPTION:
            return None
        self.answering.check_cost(operation, asked)
        return operation

    async def answer(self, asked: Asked) -> Answer:
        """The answer to what is answered once. Raises Refusal, also when it takes too long."""
        within_s = self.answering.limits.timeout_s
        try:
            async with asyncio.timeout(within_s):
                return await self.answering.answer(asked)
        except TimeoutError as error:
            raise Refusal(TIMEOUT, f"this took longer than the {within_s:g} s it may and was given up", 504) from error


def errors_of(reason: Exception) -> bytes:
    """The errors of what a client is told when a subscription ends with this, as JSON."""
    return orjson.dumps([response.error_of(reason if isinstance(reason, Refusal) else failed_inside())])
