"""A request that may be a subscription: its operation, checked as every request's is, and what comes of it."""

from __future__ import annotations

import orjson
from graphql import OperationType

from gateway import answers
from gateway.answering import Answering
from gateway.asked import Asked
from gateway.errors import TOO_SLOW, Refusal, failed_inside
from gateway.live.hub import Hub
from gateway.live.subscribers import TooSlow
from gateway.operations import Operation

SEND_WITHIN_S = 10.0
"""A client that takes nothing for so long is left; it comes back with its cursor."""


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


def refusal_of(reason: Exception) -> Refusal:
    """What a client is told when a subscription ends with this."""
    if isinstance(reason, Refusal):
        return reason
    if isinstance(reason, TooSlow):
        told = "you took too long with what came, and were left out; come back with the cursor"
        return Refusal(TOO_SLOW, told, 429, cursor=reason.cursor)
    return failed_inside()


def errors_of(reason: Exception) -> bytes:
    """The errors of an answer that says so, as JSON."""
    return orjson.dumps([answers.error_of(refusal_of(reason))])
