"""The schema. `python -m gateway.schema > gateway/schema.graphql` prints it; a test fails when that file is stale."""

from __future__ import annotations

from typing import Any

import strawberry
from graphql import GraphQLError
from graphql.validation import MaxIntrospectionDepthRule
from strawberry.extensions import AddValidationRules, MaxTokensLimiter, ParserCache, SchemaExtension, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext, ExecutionResult

from gateway import errors
from gateway.customers import CustomerQueries
from gateway.limits import MOST_TOKENS, QueryLimits
from gateway.node_queries import NodeQueries
from gateway.orders import OrderQueries
from gateway.products import ProductQueries
from gateway.scalars import SCALARS


@strawberry.type(description="Everything here is read only; commands are the REST services'.")
class Query(OrderQueries, CustomerQueries, ProductQueries, NodeQueries):
    """What a client can ask."""


class Schema(strawberry.Schema):
    """A schema whose errors have codes and never show what is inside, wherever they come from."""

    async def execute(self, *args: Any, **kwargs: Any) -> ExecutionResult:
        """Run one operation."""
        result = await super().execute(*args, **kwargs)
        if result.errors:
            result.errors = errors.shown(result.errors)
        return result

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Leave the log to `errors.shown`, which sees errors of every stage."""


def _rules() -> SchemaExtension:
    return AddValidationRules([QueryLimits, MaxIntrospectionDepthRule])


def _most_tokens() -> SchemaExtension:
    return MaxTokensLimiter(MOST_TOKENS)


schema = Schema(
    query=Query,
    extensions=[_most_tokens, _rules, ParserCache, ValidationCache],
    config=StrawberryConfig(scalar_map=SCALARS),
)


if __name__ == "__main__":
    print(schema.as_str())
