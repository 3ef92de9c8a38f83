"""What is compiled of one operation: a plan for each shape of its variables."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Generic, TypeVar

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)
from prometheus_client import Counter

from chassis.logs import logger
from chassis.rest.cursors import InvalidCursor
from gateway.compiled.selections import OF_THE_REQUEST, Fields, Selections
from gateway.compiled.values import NotCompilable
from gateway.compiled.variables import Variables
from gateway.errors import BadInput

log = logger(__name__)

FAILED = Counter("oms_graphql_compile_failures_total", "Operations that the compiler failed on; the executor ran them")

MAX_SHAPES = 64
"""The maximum number of plans of one operation; requests with other shapes run in the executor."""

NOT_SERVED = (NotCompilable, BadInput, InvalidCursor)
"""What is left to the executor, which reports it to the client if it is an error."""

OF_A_SHAPE = 1000
"""The memory of a shape of variables that is kept, and of a plan without its parts, in bytes."""

Plan = TypeVar("Plan")


class Shapes(ABC, Generic[Plan]):
    """The plans of one validated operation."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        on_kept: Callable[[int], None] = lambda _: None,
    ) -> None:
        """`on_kept` hears the bytes of each plan that is kept."""
        root = schema.query_type
        assert root is not None
        self._root: GraphQLObjectType = root
        self._on_kept = on_kept
        self._schema = schema
        self._operation = operation
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._by_shape: dict[tuple[Any, ...], Plan | None] = {}
        self._source = document.loc.source.body if document.loc else ""
        self._has_failed = False
        self._variables = self._declared()

    def _plan(self, given: Mapping[str, Any]) -> tuple[Plan, dict[str, Any]] | None:
        """The plan for these variables, and their values. None when there is no plan. Raises NOT_SERVED."""
        if self._variables is None:
            return None
        variables = self._variables.read(given)
        shape = self._variables.shape(variables)
        if shape not in self._by_shape:
            if len(self._by_shape) >= MAX_SHAPES:
                return None
            self._keep(shape, variables)
        plan = self._by_shape[shape]
        return None if plan is None else (plan, variables)

    @abstractmethod
    def _compiled(
        self, fields: Fields, selections: Selections, variables: Mapping[str, Any]
    ) -> tuple[Plan, int] | None:
        """The plan for the fields of `Query`, and its bytes. Raises NOT_SERVED."""

    def _failed(self, error: Exception) -> None:
        """Count a bug of the compiler, and log it once. The hash is the one of persisted queries."""
        FAILED.inc()
        if not self._has_failed:
            self._has_failed = True
            hash_ = sha256(self._source.encode("utf-8", "replace")).hexdigest()
            log.warning("operation not compiled", operation=hash_, reason=repr(error)[:500])

    def _keep(self, shape: tuple[Any, ...], variables: Mapping[str, Any]) -> None:
        selections = Selections(self._schema, self._fragments, variables)
        try:
            fields = selections.within(self._root, [self._operation.selection_set])
            compiled = self._compiled(fields, selections, variables)
        except NOT_SERVED:
            compiled = None
        plan, size = compiled or (None, 0)
        self._by_shape[shape] = plan
        self._on_kept(OF_A_SHAPE + size)

    def _declared(self) -> Variables | None:
        directives = {each.name.value for each in self._operation.directives or ()}
        if self._operation.operation is not OperationType.QUERY or not directives <= OF_THE_REQUEST:
            return None
        try:
            return Variables(self._schema, self._operation)
        except NOT_SERVED:
            return None
        except Exception as error:
            self._failed(error)
            return None
