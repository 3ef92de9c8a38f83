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
from gateway.live.matching import fits
from gateway.live.order_event import Told, change
from gateway.shop.context import Context, SubscriptionArguments

log = logger(__name__)

MOST_KEPT = 200
"""So many answers of one group are kept for those who come later."""


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
    """The events of one operation with the same variables."""

    def __init__(
        self, operation: SubscriptionOperation, schema: GraphQLSchema, new_context: Callable[[], Context], run: Run
    ) -> None:
        self._operation = operation
        self._schema = schema
        self._new_context = new_context
        self._run = run
        self._kept: OrderedDict[tuple[int, int], asyncio.Task[Event]] = OrderedDict()

    def wants(self, told: Told) -> bool:
        """Whether the operation's filter accepts a change."""
        document = told.document
        return document is not None and fits(document, self._operation.arguments.filter)

    def event(self, told: Told, behind: tuple[int, ...]) -> asyncio.Task[Event]:
        """Makes the answer for a change, with the cursor of the place behind it; once for all who stand there alike.

        It fails for nobody: what goes wrong is in the answer.
        """
        if behind != told.behind:
            return self._run(self._made(told, behind))
        key = (told.partition, told.offset)
        if key not in self._kept:
            self._kept[key] = self._run(self._made(told, behind))
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return self._kept[key]

    async def _made(self, told: Told, behind: tuple[int, ...]) -> Event:
        cursor = stream_cursor.cursor(behind)
        try:
            answer = await self._answer(told, cursor)
        except Exception as error:
            log.exception("a change could not be told", offset=told.offset, partition=told.partition)
            answer = ExecutionResult(None, [GraphQLError(str(error), original_error=error)])
        said: dict[str, Any] = {"data": answer.data}
        if answer.errors:
            said["errors"] = [error.formatted for error in errors.shown(answer.errors)]
            self._forget(told)
        return Event(orjson.dumps(said).decode(), cursor)

    def _forget(self, told: Told) -> None:
        """Do not keep the answer that is being made: those who come later may be luckier."""
        key = (told.partition, told.offset)
        if self._kept.get(key) is asyncio.current_task():
            del self._kept[key]

    async def _answer(self, told: Told, cursor: str) -> ExecutionResult:
        operation = self._operation
        assert told.document is not None
        result = execute(
            self._schema,
            operation.document,
            root_value=change(told.document, cursor),
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
    """The variables but the one that brought the cursor, which is each client's own and used nowhere else."""
    if after is None or after not in variables.values():
        return dict(variables)
    uses = _Uses()
    visit(document, uses)
    # One use is its declaration.
    return {name: value for name, value in variables.items() if value != after or uses.counts.get(name, 0) > 2}
