"""How one request is answered: find its operation, check what it costs, carry it out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import orjson
from prometheus_client import Counter
from strawberry import Schema
from strawberry.types import ExecutionResult

from chassis.databases.postgres import Database
from gateway import errors
from gateway.compiled.running import data_of
from gateway.consistency.consistency import Consistency
from gateway.consistency.read_preferences import NOTHING, wish
from gateway.errors import BadInput, Refusal
from gateway.operations.operations import Operation, Operations
from gateway.requests import response
from gateway.requests.request import Asked
from gateway.requests.response import Answer
from gateway.shop.context import Context

CARRIED_OUT = Counter("oms_graphql_carried_out_total", "Operations carried out, by the path they took", ["path"])
COMPILED, EXECUTED = CARRIED_OUT.labels("compiled"), CARRIED_OUT.labels("executed")


class Queries(Protocol):
    """The queries that are known before they are asked for."""

    async def text_of(self, asked: Asked) -> str:
        """The query's text. Raises Refusal where it is not known or may not be asked for."""

    def keep(self, asked: Asked) -> None:
        """Know the query of a request that is valid."""


class Answering:
    """Answers requests from the stores."""

    def __init__(
        self,
        schema: Schema,
        operations: Operations,
        queries: Queries,
        read_model: Database,
        consistency: Consistency,
        new_context: Callable[[], Context],
    ) -> None:
        self.limits = operations.limits
        self._schema = schema
        self._read_model = read_model
        self._consistency = consistency
        self._operations = operations
        self._queries = queries
        self._new_context = new_context

    async def find(self, asked: Asked) -> Operation:
        """The operation that is asked for, which may have errors. Raises Refusal."""
        text = await self._queries.text_of(asked)
        operation = self._operations.find(text, asked.operation_name)
        if not operation.errors:
            self._queries.keep(asked)
            asked.query = text
        return operation

    async def answer(self, asked: Asked) -> Answer:
        """The answer. Raises Refusal."""
        operation = await self.find(asked)
        asked.check_method(operation.definition)
        if operation.errors:
            return response.without_data(operation.errors, self.freshness())
        asked.check_is_answered_once(operation.definition)
        cost = {"cost": self.check_cost(operation, asked)}
        await self._wait(operation, asked)
        # Before anything is read: what is read later is at least that fresh.
        extensions = {**cost, **self.freshness()}
        query = operation.plans.query(asked.variables) if operation.plans else None
        data = await data_of(self._read_model, query) if query else None
        if data is not None:
            COMPILED.inc()
            return response.with_data(data, (), extensions)
        EXECUTED.inc()
        return await self._executed(operation, asked, extensions)

    def freshness(self) -> dict[str, Any]:
        """How fresh each source is now, for the `extensions` of every answer."""
        return {"freshness": orjson.Fragment(self._consistency.watermarks.json())}

    async def _wait(self, operation: Operation, asked: Asked) -> None:
        """Return when the stores have what the request wants to see. Raises Refusal."""
        try:
            wanted = wish(operation.directives, asked.variables, asked.headers)
        except BadInput as error:
            raise Refusal(errors.BAD_USER_INPUT, str(error), is_well_formed=True) from error
        if wanted is not NOTHING:
            await self._consistency.fulfil(wanted, operation.reads)

    def check_cost(self, operation: Operation, asked: Asked) -> dict[str, int]:
        """What the operation costs, for `extensions`. Raises Refusal when that is too much."""
        most = self.limits.cost
        cost = {"requested": operation.cost(asked.variables), "limit": most}
        if cost["requested"] > most:
            told = f"the answer may have {cost['requested']} objects; the most is {most}: ask for smaller pages"
            raise Refusal(errors.TOO_COMPLEX, told, is_well_formed=True, cost=cost)
        return cost

    async def _executed(self, operation: Operation, asked: Asked, extensions: dict[str, Any]) -> Answer:
        """Carry the operation out in Strawberry's executor. When that is given up, so are its statements."""
        context = self._new_context()
        context.document = operation.document
        result = await self._schema.execute(
            asked.query,
            variable_values=asked.variables,
            operation_name=asked.operation_name,
            context_value=context,
        )
        assert isinstance(result, ExecutionResult)
        return _answer(result, extensions)


def _answer(result: ExecutionResult, extensions: dict[str, Any]) -> Answer:
    found = result.errors or []
    if result.data is None and found and not any(error.path for error in found):
        return response.without_data(found, extensions)
    if response.is_unavailable(result.data, found):
        return response.unavailable(found, extensions)
    return response.with_data(orjson.dumps(result.data), found, extensions)
