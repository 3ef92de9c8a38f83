"""Plans: how one search answers an operation, for each shape of its variables."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode

from chassis.logs import logger
from chassis.rest.cursors import InvalidCursor
from gateway.compiled.arguments import arguments
from gateway.compiled.objects import TYPENAME
from gateway.compiled.plans import MAX_SHAPES
from gateway.compiled.selections import OF_THE_REQUEST, Selections, object_type
from gateway.compiled.values import NotCompilable
from gateway.compiled.variables import Variables
from gateway.errors import BadInput
from gateway.fields.paging import Page
from gateway.fields.parameters import Slot
from gateway.found.page import FoundPage, Read
from gateway.found.writing import Writing
from gateway.shop.product_inputs import ProductFilter, list_hash, search_criteria, sort_of
from gateway.shop.product_queries import extras_of, has_cursors, search_page, search_request
from gateway.shop.selection import below
from search.catalogue import ProductSearches
from search.request import Extras

log = logger(__name__)

_NOT_SERVED = (NotCompilable, BadInput, InvalidCursor)


class SearchFailed(Exception):
    """The search failed, for a reason that the executor reports."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True)
class FoundPlan:
    """How to answer `products`: its arguments, those with slots for variables, and the function that makes the JSON."""

    constant: Mapping[str, Any]
    variable: Mapping[str, Any]
    extras: Extras
    has_places: bool
    write: Read

    async def data(self, variables: Mapping[str, Any], searches: ProductSearches, mark: object) -> bytes:
        """The JSON of `data`. Raises SearchFailed, BadInput, InvalidCursor."""
        given = {**self.constant, **{name: _filled(value, variables) for name, value in self.variable.items()}}
        page = Page.of_arguments(given["first"], given["after"], given["last"], given["before"])
        criteria, order = search_criteria(given["text"], given["filter"]), sort_of(given["sort"], given["text"])
        request = search_request(criteria, order, page, self.extras)
        try:
            listed = await search_page(searches, mark, request, has_places=self.has_places)
        except Exception as error:
            raise SearchFailed(error) from error
        hash_ = list_hash(criteria, order) if self.has_places else ""
        return orjson.dumps(self.write(FoundPage(listed, page, hash_)))


class FoundPlans:
    """The plans of one validated operation that reads the search index alone."""

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
        self._by_shape: dict[tuple[Any, ...], FoundPlan | None] = {}
        self._has_failed = False
        self._variables = self._declared()

    async def data(self, given: Mapping[str, Any], searches: ProductSearches, mark: object) -> bytes | None:
        """The JSON of `data`; None when the executor must answer, or report an error. Raises SearchFailed."""
        if self._variables is None:
            return None
        try:
            variables = self._variables.read(given)
            plan = self._plan(variables)
            return await plan.data(variables, searches, mark) if plan else None
        except _NOT_SERVED:
            return None
        except SearchFailed:
            raise
        except Exception:  # a bug here: the executor answers, and reports errors of the client
            if not self._has_failed:
                self._has_failed = True
                log.exception("page of products not written")
            return None

    def _declared(self) -> Variables | None:
        if not {each.name.value for each in self._operation.directives or ()} <= OF_THE_REQUEST:
            return None
        try:
            return Variables(self._schema, self._operation)
        except _NOT_SERVED:
            return None

    def _plan(self, variables: Mapping[str, Any]) -> FoundPlan | None:
        shape = Variables.shape(variables)
        if shape not in self._by_shape:
            if len(self._by_shape) >= MAX_SHAPES:
                return None
            try:
                self._by_shape[shape] = self._compiled(variables)
            except _NOT_SERVED:
                self._by_shape[shape] = None
        return self._by_shape[shape]

    def _compiled(self, variables: Mapping[str, Any]) -> FoundPlan:
        root = self._schema.query_type
        assert root is not None
        selections = Selections(self._schema, self._fragments, variables)
        fields = selections.within(root, [self._operation.selection_set])
        lists = [key for key, nodes in fields.items() if nodes[0].name.value == "products"]
        if len(lists) != 1 or any(nodes[0].name.value not in ("products", TYPENAME) for nodes in fields.values()):
            raise NotCompilable("more than one list of products")
        nodes = fields[lists[0]]
        field = root.fields["products"]
        selected = below(nodes, self._fragments)
        writing = Writing(selections, self._fragments)
        write = writing.object(object_type(field), nodes)
        self._on_kept(writing.bytes)
        given = arguments(field, nodes[0], variables)
        variable = {name: value for name, value in given.items() if isinstance(value, Slot | ProductFilter)}
        return FoundPlan(
            {name: value for name, value in given.items() if name not in variable},
            variable,
            extras_of(selected),
            has_cursors(selected),
            _root(fields, root.name, write),
        )


def _root(fields: Mapping[str, list[FieldNode]], name: str, write: Read) -> Read:
    keys = {key: nodes[0].name.value == TYPENAME for key, nodes in fields.items()}
    return lambda page: {key: name if is_typename else write(page) for key, is_typename in keys.items()}


def _filled(value: Any, variables: Mapping[str, Any]) -> Any:
    """The value of an argument, with its slots filled from these variables."""
    if isinstance(value, Slot):
        return value.value(variables)
    if isinstance(value, ProductFilter):
        return ProductFilter(
            **{each.name: _filled(getattr(value, each.name), variables) for each in dataclasses.fields(value)}
        )
    return value
