"""Executes a request: finds its operation, checks its cost, and runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import orjson
from graphql import OperationType
from prometheus_client import Counter
from strawberry import Schema
from strawberry.types import ExecutionResult

from chassis.databases.postgres import Database
from gateway import errors
from gateway.compiled.fetch import fetch_data
from gateway.consistency.consistency import Consistency
from gateway.consistency.read_preferences import NO_PREFERENCES, read_preferences
from gateway.errors import BadInput, Refusal
from gateway.found.plans import FoundPlans, SearchFailed
from gateway.operations.operations import Operation, Operations
from gateway.requests.request import Request
from gateway.requests.response import Response, data_response, error_response, is_unavailable, unavailable_response
from gateway.shop.context import Context
from search.catalogue import ProductSearches

CARRIED_OUT = Counter("oms_graphql_executions_total", "Executed operations, by path", ["path"])
COMPILED, FOUND, EXECUTED = (CARRIED_OUT.labels(path) for path in ("compiled", "found", "executed"))


class KnownQueries(Protocol):
    """The queries that are known by their hash."""

    async def text_of(self, request: Request) -> str:
        """The text of the query. Raises Refusal when it is unknown or not allowed."""

    def keep(self, request: Request) -> None:
        """Remember the query of a valid request."""


class Executor:
    """Executes requests on the databases."""

    def __init__(
        self,
        schema: Schema,
        operations: Operations,
        queries: KnownQueries,
        read_model: Database,
        searches: ProductSearches,
        consistency: Consistency,
        new_context: Callable[[], Context],
    ) -> None:
        self.limits = operations.limits
        self._schema = schema
        self._read_model = read_model
        self._searches = searches
        self._consistency = consistency
        self._operations = operations
        self._queries = queries
        self._new_context = new_context

    async def find(self, request: Request) -> Operation:
        """The operation of a request, which may have errors. Raises Refusal."""
        text = await self._queries.text_of(request)
        operation = self._operations.find(text, request.operation_name)
        if not operation.errors:
            self._queries.keep(request)
            request.query = text
        return operation

    async def execute(self, request: Request) -> Response | Operation:
        """The response to a request; the operation itself if it is a valid subscription. Raises Refusal."""
        operation = await self.find(request)
        definition = operation.definition
        request.check_method(definition)
        if operation.errors:
            return error_response(operation.errors, self.freshness())
        cost = {"cost": self.check_cost(operation, request)}
        if definition is not None and definition.operation is OperationType.SUBSCRIPTION:
            return operation
        await self._wait(operation, request)
        # Before anything is read, so that the data is at least that fresh.
        extensions = {**cost, **self.freshness()}
        if operation.found is not None:
            return await self._search(operation.found, operation, request, extensions)
        query = operation.plans.query(request.variables) if operation.plans else None
        data = await fetch_data(self._read_model, query) if query else None
        if data is not None:
            COMPILED.inc()
            return data_response(data, (), extensions)
        return await self._execute_fields(operation, request, extensions)

    def freshness(self) -> dict[str, Any]:
        """The freshness of each source, for the `extensions` of every response."""
        return {"freshness": orjson.Fragment(self._consistency.watermarks.json())}

    async def _wait(self, operation: Operation, request: Request) -> None:
        """Wait until the databases meet the request's preferences. Raises Refusal."""
        try:
            preferences = read_preferences(operation.directives, request.variables, request.headers)
        except BadInput as error:
            raise Refusal(errors.BAD_USER_INPUT, str(error), is_well_formed=True) from error
        if preferences is not NO_PREFERENCES:
            await self._consistency.ensure(preferences, operation.reads)

    def check_cost(self, operation: Operation, request: Request) -> dict[str, int]:
        """The cost of the operation, for `extensions`. Raises Refusal when it exceeds the limit."""
        most = self.limits.cost
        cost = {"requested": operation.cost(request.variables), "limit": most}
        if cost["requested"] > most:
            message = f"the query may return {cost['requested']} objects, over the limit of {most}; use smaller pages"
            raise Refusal(errors.TOO_COMPLEX, message, is_well_formed=True, cost=cost)
        return cost

    async def _search(
        self, plans: FoundPlans, operation: Operation, request: Request, extensions: dict[str, Any]
    ) -> Response:
        """The response of an operation that reads the search index alone."""
        failure = None
        try:
            data = await plans.data(request.variables, self._searches, self._consistency.mark)
            if data is not None:
                FOUND.inc()
                return data_response(data, (), extensions)
        except SearchFailed as failed:
            failure = failed.reason
        return await self._execute_fields(operation, request, extensions, failure)

    async def _execute_fields(
        self,
        operation: Operation,
        request: Request,
        extensions: dict[str, Any],
        search_failure: Exception | None = None,
    ) -> Response:
        """Execute the operation in Strawberry's executor. Cancelling it cancels its statements."""
        EXECUTED.inc()
        context = self._new_context()
        context.document, context.search_failure = operation.document, search_failure
        result = await self._schema.execute(
            request.query,
            variable_values=request.variables,
            operation_name=request.operation_name,
            context_value=context,
        )
        assert isinstance(result, ExecutionResult)
        return _response(result, extensions)


def _response(result: ExecutionResult, extensions: dict[str, Any]) -> Response:
    found = result.errors or []
    if result.data is None and found and not any(error.path for error in found):
        return error_response(found, extensions)
    if is_unavailable(result.data, found):
        return unavailable_response(found, extensions)
    return data_response(orjson.dumps(result.data), found, extensions)
