"""Plans: the statements that answer an operation, for each shape of its variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)
from prometheus_client import Counter

from chassis.logs import logger
from chassis.rest.cursors import InvalidCursor
from gateway.compiled.objects import TYPENAME, Objects
from gateway.compiled.pages import page
from gateway.compiled.roots import query_of
from gateway.compiled.selections import OF_THE_REQUEST, Selections
from gateway.compiled.statements import OF_A_QUERY, Query
from gateway.compiled.values import NotCompilable
from gateway.compiled.variables import Variables
from gateway.errors import BadInput

log = logger(__name__)

FAILED = Counter("oms_graphql_compile_failures_total", "Operations that the compiler failed on; the executor ran them")

MAX_SHAPES = 64
"""The maximum number of plans of one operation; requests with other shapes run in the executor."""

_NOT_SERVED = (NotCompilable, BadInput, InvalidCursor)


class Plans:
    """The plans of one validated operation."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        on_kept: Callable[[int], None] = lambda _: None,
    ) -> None:
        """`on_kept` hears the bytes of each plan that is kept."""
        self._on_kept = on_kept
        self._schema = schema
        self._operation = operation
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._by_shape: dict[tuple[Any, ...], Query | None] = {}
        self._source = document.loc.source.body if document.loc else ""
        self._has_failed = False
        self._variables = self._declared()

    def query(self, given: Mapping[str, Any]) -> Query | None:
        """The statements that answer the operation with these variables; None when it must run in the executor."""
        if self._variables is None:
            return None
        try:
            variables = self._variables.read(given)
            shape = self._variables.shape(variables)
            if shape not in self._by_shape:
                if len(self._by_shape) >= MAX_SHAPES:
                    return None
                self._keep(shape, self._compiled(variables))
            plan = self._by_shape[shape]
            return plan.filled(variables) if plan else None
        except _NOT_SERVED:
            return None
        except Exception as error:  # a bug of the compiler: the executor answers, and reports errors of the client
            self._failed(error)
            return None

    def _declared(self) -> Variables | None:
        directives = {each.name.value for each in self._operation.directives or ()}
        if self._operation.operation is not OperationType.QUERY or not directives <= OF_THE_REQUEST:
            return None
        try:
            return Variables(self._schema, self._operation)
        except _NOT_SERVED:
            return None
        except Exception as error:
            self._failed(error)
            return None

    def _failed(self, error: Exception) -> None:
        """Count a bug of the compiler, and log it once. The hash is the one of persisted queries."""
        FAILED.inc()
        if not self._has_failed:
            self._has_failed = True
            hash_ = sha256(self._source.encode("utf-8", "replace")).hexdigest()
            log.warning("operation not compiled", operation=hash_, reason=repr(error)[:500])

    def _keep(self, shape: tuple[Any, ...], query: Query | None) -> None:
        self._by_shape[shape] = query
        self._on_kept(query.kept_bytes() if query else OF_A_QUERY)

    def _compiled(self, variables: Mapping[str, Any]) -> Query | None:
        root = self._schema.query_type
        assert root is not None
        selections = Selections(self._schema, self._fragments, variables)
        try:
            fields = selections.within(root, [self._operation.selection_set])
            if all(nodes[0].name.value == TYPENAME for nodes in fields.values()):
                return None  # nothing to read from the database
            return query_of(root, fields, lambda: Objects(self._schema, selections, variables, page))
        except _NOT_SERVED:
            return None
