"""The events of one operation: the answer to a change is made once for all its subscribers."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable, Mapping
from typing import Any, NamedTuple

import orjson
from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema, VariableNode, Visitor, execute, visit

from chassis.logs import logger
from gateway import errors
from gateway.live import stream_cursor
from gateway.live.matching import matches
from gateway.live.order_event import OrderEvent, change
from gateway.shop.context import Context, SubscriptionArguments

log = logger(__name__)

CACHE_SIZE = 200
"""The number of answers that one operation keeps for subscribers that need them later."""


Run = Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]]
"""Begins a task that is cancelled when the hub closes."""


class Event(NamedTuple):
    """One event of a subscription: the answer's JSON, and the cursor after it."""

    payload: str
    cursor: str


class SubscriptionOperation(NamedTuple):
    """The operation that a client subscribed to, with its variables, and the arguments of its field."""

    document: DocumentNode
    operation_name: str | None
    variables: dict[str, Any]
    arguments: SubscriptionArguments

    @property
    def key(self) -> Hashable:
        """Equal for all subscriptions with the same events, wherever they begin."""
        shared = _without_cursor(self.document, self.variables, self.arguments.after)
        return id(self.document), self.operation_name, json.dumps(shared, sort_keys=True, default=str)


class Events:
    """Makes the events of one operation with the same variables."""

    def __init__(
        self, operation: SubscriptionOperation, schema: GraphQLSchema, new_context: Callable[[], Context], run: Run
    ) -> None:
        self._operation = operation
        self._schema = schema
        self._new_context = new_context
        self._run = run
        self._cache: OrderedDict[tuple[int, int], asyncio.Task[Event]] = OrderedDict()

    def wants(self, order_event: OrderEvent) -> bool:
        """Whether the operation's filter accepts a change."""
        document = order_event.document
        return document is not None and matches(document, self._operation.arguments.filter)

    def event(self, order_event: OrderEvent, next_position: tuple[int, ...]) -> asyncio.Task[Event]:
        """The event of a change, with the cursor of `next_position`. Made once per position for all.

        The task never fails: errors are part of the answer.
        """
        if next_position != order_event.next_position:
            return self._run(self._make(order_event, next_position))
        key = (order_event.partition, order_event.offset)
        if key not in self._cache:
            self._cache[key] = self._run(self._make(order_event, next_position))
            if len(self._cache) > CACHE_SIZE:
                self._cache.popitem(last=False)
        return self._cache[key]

    async def _make(self, order_event: OrderEvent, next_position: tuple[int, ...]) -> Event:
        cursor = stream_cursor.cursor(next_position)
        try:
            answer = await self._answer(order_event, cursor)
        except Exception as error:
            log.exception("event failed", offset=order_event.offset, partition=order_event.partition)
            answer = ExecutionResult(None, [GraphQLError(str(error), original_error=error)])
        answer_json: dict[str, Any] = {"data": answer.data}
        if answer.errors:
            answer_json["errors"] = [error.formatted for error in errors.for_client(answer.errors)]
            self._discard(order_event)
        return Event(orjson.dumps(answer_json).decode(), cursor)

    def _discard(self, order_event: OrderEvent) -> None:
        """Remove the answer from the cache: the next subscriber retries."""
        key = (order_event.partition, order_event.offset)
        if self._cache.get(key) is asyncio.current_task():
            del self._cache[key]

    async def _answer(self, order_event: OrderEvent, cursor: str) -> ExecutionResult:
        operation = self._operation
        assert order_event.document is not None
        result = execute(
            self._schema,
            operation.document,
            root_value=change(order_event.document, cursor),
            context_value=self._new_context(),
            variable_values=operation.variables,
            operation_name=operation.operation_name,
        )
        return result if isinstance(result, ExecutionResult) else await result


class _Uses(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.counts[node.name.value] = self.counts.get(node.name.value, 0) + 1


def _without_cursor(document: DocumentNode, variables: Mapping[str, Any], after: str | None) -> dict[str, Any]:
    """The variables without the one that holds the cursor, if it is used only once: the cursor differs by client."""
    if after is None or after not in variables.values():
        return dict(variables)
    uses = _Uses()
    visit(document, uses)
    # Once in its declaration, once as the argument.
    return {name: value for name, value in variables.items() if value != after or uses.counts.get(name, 0) > 2}
