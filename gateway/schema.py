"""The schema. `python -m gateway.schema > gateway/schema.graphql` prints it; a test checks that file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import strawberry
from graphql import (
    GraphQLArgument,
    GraphQLError,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    Undefined,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext, ExecutionResult

from gateway import errors
from gateway.consistency.read_preferences import AFTER, FRESH
from gateway.fields.scalars import SCALARS
from gateway.live.subscription import LiveQueries, Subscription
from gateway.operations import json_messages
from gateway.operations.fair_execution import FairExecution
from gateway.shop.context import Context
from gateway.shop.customers import CustomerQueries
from gateway.shop.node_queries import NodeQueries
from gateway.shop.orders.order import OrderQueries
from gateway.shop.products.categories import CategoryQueries
from gateway.shop.products.queries import ProductQueries
from gateway.shop.returns.order_return import ReturnQueries
from gateway.shop.shipments.days import DeliveryDayQueries
from gateway.shop.shipments.shipment import ShipmentQueries
from gateway.shop.stock.queries import StockQueries

_QUERY = """\
All queries are read-only; commands are sent to the REST services.

A field is nullable for one of these reasons only:

* an optional value was not given, or is not known, as `Product.description`; or there is none, as \
`PageInfo.endCursor` of an empty page;
* it has not happened, as `Order.shippedAt`;
* nothing has this id, or what has it was deleted, as `Query.order`, `Order.customer`; or it is not in the read model \
yet, for its rows arrive in any order. A malformed id is like an unknown one;
* it needs a database that is unavailable, or an argument is invalid: fields of `Query` and lists in pages are null \
then, `errors` says why, and the other fields are answered.

An argument or an input field that is null is like one that is not given. Ranges include their `From` and exclude \
their `Before` (times) or `Below` (numbers)."""


@strawberry.type(description=_QUERY)
class Query(
    OrderQueries,
    ShipmentQueries,
    ReturnQueries,
    DeliveryDayQueries,
    CustomerQueries,
    ProductQueries,
    CategoryQueries,
    StockQueries,
    NodeQueries,
    LiveQueries,
):
    """The queries."""


class Schema(strawberry.Schema):
    """A schema whose errors all have codes and no internal details.

    Its directives `@after` and `@fresh` are handled before an operation is executed, and change no field. Strawberry's
    own directives would be looked up for each field of an answer.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._schema.directives = (*self._schema.directives, AFTER, FRESH)
        for each in self._optional():
            each.default_value = Undefined if each.default_value is None else each.default_value

    def _optional(self) -> Iterator[GraphQLArgument | GraphQLInputField]:
        """All arguments and input fields. A default of null is only Python's: a client that omits one sends nothing."""
        for type_ in self._schema.type_map.values():
            if isinstance(type_, GraphQLObjectType):
                for field in type_.fields.values():
                    yield from field.args.values()
            elif isinstance(type_, GraphQLInputObjectType):
                yield from type_.fields.values()

    async def execute(self, *args: Any, **kwargs: Any) -> ExecutionResult:
        """Execute one operation."""
        result = await super().execute(*args, **kwargs)
        if result.errors:
            result.errors = errors.for_client(result.errors)
        return result

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: `errors.for_client` logs the errors of all stages."""


class ParsedDocument(SchemaExtension):
    """Uses the document that is parsed and validated already."""

    def on_parse(self) -> Iterator[None]:
        """Take the document from the context."""
        run = self.execution_context
        if isinstance(run.context, Context) and run.context.document is not None:
            run.graphql_document = run.context.document
        yield

    def on_validate(self) -> Iterator[None]:
        """Skip the validation of that document."""
        context = self.execution_context.context
        if isinstance(context, Context) and context.document is not None:
            self.execution_context.pre_execution_errors = []
        yield


json_messages.install()

schema = Schema(
    query=Query,
    subscription=Subscription,
    extensions=[ParsedDocument],
    execution_context_class=FairExecution,
    config=StrawberryConfig(scalar_map=SCALARS),
)


if __name__ == "__main__":
    print(schema.as_str())
