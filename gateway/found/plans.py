"""Plans: how one search answers an operation, for each shape of its variables."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import FieldNode

from gateway.compiled.arguments import arguments
from gateway.compiled.objects import TYPENAME
from gateway.compiled.selections import Fields, Selections, object_type
from gateway.compiled.shapes import NOT_SERVED, Shapes
from gateway.compiled.values import NotCompilable
from gateway.fields.paging import Page
from gateway.fields.parameters import Slot
from gateway.found.page import FoundPage, Read
from gateway.found.writing import Writing
from gateway.shop.products.inputs import ProductFilter, list_hash, search_criteria, sort_of
from gateway.shop.products.queries import extras_of, has_cursors, search_page, search_request
from gateway.shop.selection import below
from search.catalogue import ProductSearches
from search.request import Extras


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


class FoundPlans(Shapes[FoundPlan]):
    """The plans of one validated operation that reads the search index alone."""

    async def data(self, given: Mapping[str, Any], searches: ProductSearches, mark: object) -> bytes | None:
        """The JSON of `data`; None when the executor must answer, or report an error. Raises SearchFailed."""
        try:
            found = self._plan(given)
            return await found[0].data(found[1], searches, mark) if found else None
        except NOT_SERVED:
            return None
        except SearchFailed:
            raise
        except Exception as error:  # a bug here: the executor answers, and reports errors of the client
            self._failed(error)
            return None

    def _compiled(self, fields: Fields, selections: Selections, variables: Mapping[str, Any]) -> tuple[FoundPlan, int]:
        lists = [key for key, nodes in fields.items() if nodes[0].name.value == "products"]
        if len(lists) != 1 or any(nodes[0].name.value not in ("products", TYPENAME) for nodes in fields.values()):
            raise NotCompilable("more than one list of products")
        nodes, field = fields[lists[0]], self._root.fields["products"]
        selected = below(nodes, self._fragments)
        writing = Writing(selections, self._fragments)
        write = writing.object(object_type(field), nodes)
        given = arguments(field, nodes[0], variables)
        variable = {name: value for name, value in given.items() if isinstance(value, Slot | ProductFilter)}
        plan = FoundPlan(
            {name: value for name, value in given.items() if name not in variable},
            variable,
            extras_of(selected),
            has_cursors(selected),
            _root(fields, self._root.name, write),
        )
        return plan, writing.bytes


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
