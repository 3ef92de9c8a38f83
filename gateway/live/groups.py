"""All who ask for the same: an answer is made once for all of them."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple

import orjson
from graphql import DocumentNode, ExecutionResult, GraphQLError, VariableNode, Visitor, execute, visit

from chassis.logs import logger
from gateway import errors
from gateway.live import stream_cursor
from gateway.live.matching import fits
from gateway.live.order_event import Told, change
from gateway.live.subscribers import Event, Run, Subscriber
from gateway.live.subscription import Wanted
from gateway.schema import Schema
from gateway.shop.context import Context

log = logger(__name__)

MOST_KEPT = 200
"""So many answers of one group are kept for those who come later."""


class Subscribed(NamedTuple):
    """The operation that a client subscribed to, the variables it sent with it, and what it asks for by them."""

    document: DocumentNode
    operation_name: str | None
    variables: dict[str, Any]
    wanted: Wanted

    @property
    def key(self) -> Hashable:
        """Equal for all who are told the same, wherever they begin."""
        shared = _without_cursor(self.document, self.variables, self.wanted.after)
        return id(self.document), self.operation_name, json.dumps(shared, sort_keys=True, default=str)


class Group:
    """The subscribers to one operation with the same variables. `members` are told what happens as it happens."""

    def __init__(self, subscribed: Subscribed, schema: Schema, new_context: Callable[[], Context], run: Run) -> None:
        self.subscribers: set[Subscriber] = set()
        """The members, and those who still catch up."""
        self.members: set[Subscriber] = set()
        self._subscribed = subscribed
        self._schema = schema
        self._new_context = new_context
        self._run = run
        self._kept: OrderedDict[tuple[int, int], asyncio.Task[Event]] = OrderedDict()

    def wants(self, told: Told) -> bool:
        """Whether a change is one that these subscribers asked for."""
        document = told.document
        return document is not None and fits(document, self._subscribed.wanted.wanted)

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
        subscribed = self._subscribed
        assert told.document is not None
        result = execute(
            self._schema._schema,
            subscribed.document,
            root_value=change(told.document, cursor),
            context_value=self._new_context(),
            variable_values=subscribed.variables,
            operation_name=subscribed.operation_name,
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
