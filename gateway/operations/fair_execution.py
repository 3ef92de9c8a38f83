"""Executes operations so that a long answer leaves the event loop to others, again and again.

graphql-core completes a list in one go, and all fields that wait for the same rows in one iteration of the event loop:
25,000 objects take longer than a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Any, TypeVar

from graphql import GraphQLObjectType, GraphQLOutputType, is_leaf_type
from graphql.pyutils import AwaitableOrValue, Path
from graphql.type import get_named_type
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gateway.operations.turns import Turns

Result = TypeVar("Result")

SHORT = 20
"""A list of so few entries is completed in one go."""


class FairExecution(StrawberryGraphQLCoreExecutionContext):
    """The execution of one operation, in turns with everything else on the event loop."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turns = Turns.of_loop()

    def execute_fields(
        self, parent_type: GraphQLObjectType, source_value: Any, path: Path | None, grouped_field_set: Any, context: Any
    ) -> AwaitableOrValue[dict[str, Any]]:
        """Execute the fields of one object."""
        self._turns.spend(len(grouped_field_set))
        return super().execute_fields(parent_type, source_value, path, grouped_field_set, context)

    async def with_abort_signal(self, awaitable: Awaitable[Result]) -> Result:
        """What a resolver waited for, in a turn with fields left."""
        value = await super().with_abort_signal(awaitable)
        if self._turns.is_over:
            await self._turns.wait()
        return value

    def complete_iterable_value(
        self,
        item_type: GraphQLOutputType,
        details: Any,
        info: Any,
        path: Path,
        items: Iterable[Any],
        context: Any,
    ) -> AwaitableOrValue[list[Any]]:
        """Complete a list; a long one in several turns."""
        if not isinstance(items, list) or len(items) <= SHORT or is_leaf_type(get_named_type(item_type)):
            return super().complete_iterable_value(item_type, details, info, path, items, context)
        return self._completed(item_type, details, info, path, items, context)

    async def _completed(
        self,
        item_type: GraphQLOutputType,
        details: Any,
        info: Any,
        path: Path,
        items: list[Any],
        context: Any,
    ) -> list[Any]:
        completed: list[Any] = []
        tasks: dict[int, asyncio.Task[Any]] = {}
        try:
            for index, item in enumerate(items):
                if self._turns.is_over:
                    await self._turns.wait()
                at = path.add_key(index, None)
                if self.complete_list_item_value(item, completed, item_type, details, info, at, context):
                    tasks[index] = asyncio.ensure_future(completed[index])
            for index, task in tasks.items():
                completed[index] = await task
        except BaseException:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
            raise
        return completed
