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
from gateway.live.change_log import ChangeLog, ChangeRecord
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
        self,
        log: ChangeLog,
        operation: SubscriptionOperation,
        schema: GraphQLSchema,
        new_context: Callable[[], Context],
        run: Run,
    ) -> None:
        self._log = log
        self._operation = operation
        self._schema = schema
        self._new_context = new_context
        self._run = run
        self._cache: OrderedDict[tuple[int, int], asyncio.Task[Event]] = OrderedDict()

    def wants(self, change: ChangeRecord) -> bool:
        """Whether the operation's filter accepts a change."""
        document = change.document
        return document is not None and self._log.matches(document, self._operation.arguments.filter)

    def event(self, change: ChangeRecord, next_position: tuple[int, ...]) -> asyncio.Task[Event]:
        """The event of a change, with the cursor of `next_position`. Made once per position for all.

        The task never fails: errors are part of the answer.
        """
        if next_position != change.next_position:
            return self._run(self._make(change, next_position))
        key = (change.partition, change.offset)
        if key not in self._cache:
            self._cache[key] = self._run(self._make(change, next_position))
            if len(self._cache) > CACHE_SIZE:
                self._cache.popitem(last=False)
        return self._cache[key]

    async def _make(self, change: ChangeRecord, next_position: tuple[int, ...]) -> Event:
        cursor = stream_cursor.cursor(next_position, self._log.tag)
        try:
            answer = await self._answer(change, cursor)
        except Exception as error:
            log.exception("event failed", offset=change.offset, partition=change.partition)
            answer = ExecutionResult(None, [GraphQLError(str(error), original_error=error)])
        answer_json: dict[str, Any] = {"data": answer.data}
        if answer.errors:
            answer_json["errors"] = [error.formatted for error in errors.for_client(answer.errors)]
            self._discard(change)
        return Event(orjson.dumps(answer_json).decode(), cursor)

    def _discard(self, change: ChangeRecord) -> None:
        """Remove the answer from the cache: the next subscriber retries."""
        key = (change.partition, change.offset)
        if self._cache.get(key) is asyncio.current_task():
            del self._cache[key]

    async def _answer(self, change: ChangeRecord, cursor: str) -> ExecutionResult:
        operation = self._operation
        assert change.document is not None
        result = execute(
            self._schema,
            operation.document,
            root_value=self._log.change(change.document, cursor),
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
