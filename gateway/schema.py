"""The schema. `python -m gateway.schema > gateway/schema.graphql` prints it; a test fails when that file is stale."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext, ExecutionResult

from gateway import errors
from gateway.consistency.read_preferences import AFTER, FRESH
from gateway.fields.scalars import SCALARS
from gateway.live.queries import LiveQueries
from gateway.live.subscription import Subscription
from gateway.shop.context import Context
from gateway.shop.customers import CustomerQueries
from gateway.shop.node_queries import NodeQueries
from gateway.shop.orders import OrderQueries
from gateway.shop.product_queries import ProductQueries


@strawberry.type(description="Everything here is read only; commands are the REST services'.")
class Query(OrderQueries, CustomerQueries, ProductQueries, NodeQueries, LiveQueries):
    """What a client can ask."""


class Schema(strawberry.Schema):
    """A schema whose errors have codes and never show what is inside, wherever they come from.

    Its directives `@after` and `@fresh` are seen to before an operation is carried out, and change no field. Added in
    Strawberry's own way, they would be looked for at each field of an answer.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._schema.directives = (*self._schema.directives, AFTER, FRESH)

    async def execute(self, *args: Any, **kwargs: Any) -> ExecutionResult:
        """Run one operation."""
        result = await super().execute(*args, **kwargs)
        if result.errors:
            result.errors = errors.shown(result.errors)
        return result

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Leave the log to `errors.shown`, which sees errors of every stage."""


class Known(SchemaExtension):
    """Takes an operation from those that are known, read and checked, instead of reading and checking it here."""

    def on_parse(self) -> Iterator[None]:
        """Take the document. Raises GraphQLError when it has faults."""
        run = self.execution_context
        if isinstance(run.context, Context):
            operation = run.context.operations.find(run.query or "", run._provided_operation_name)
            if operation.errors:
                raise operation.errors[0]
            run.graphql_document = operation.document
        yield

    def on_validate(self) -> Iterator[None]:
        """Leave out what was checked."""
        if isinstance(self.execution_context.context, Context):
            self.execution_context.pre_execution_errors = []
        yield


schema = Schema(
    query=Query,
    subscription=Subscription,
    extensions=[Known],
    config=StrawberryConfig(scalar_map=SCALARS),
)


if __name__ == "__main__":
    print(schema.as_str())
