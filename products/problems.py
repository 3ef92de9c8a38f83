"""The problems of `products`."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.http.errors.problem_types import ProblemType
from chassis.http.errors.problems import Problem, fault
from products.categories.problems import TYPES as CATEGORY_TYPES


def no_such_product(sku: str) -> Problem:
    """The 404 of a product."""
    return Problem(404, "product-not-found", f"product {sku} does not exist")


def sku_taken(sku: str) -> Problem:
    """The 409 of a SKU that is in use."""
    detail = f"product {sku} exists already"
    return Problem(409, "sku-taken", detail, errors=[fault("#/sku", detail)])


def product_differs(sku: str, pointers: Sequence[str]) -> Problem:
    """The 409 of a line whose product exists and differs; `pointers` are the members that differ."""
    errors = [fault("#/sku", f"product {sku} exists already")]
    errors += [fault(pointer, "differs from the existing product") for pointer in pointers]
    return Problem(409, "sku-taken", f"product {sku} exists and differs", errors=errors)


def changed_meanwhile() -> Problem:
    """The 412 of a resource that was changed concurrently."""
    return Problem(412, "precondition-failed", "the resource was changed concurrently; read it again")


def not_combinable(parameter: str, others: Sequence[str]) -> Problem:
    """The 422 of query parameters that exclude each other."""
    detail = f"`{parameter}` cannot be combined with the other parameters"
    return _in_query([parameter, *others], detail)


def not_searchable(parameters: Sequence[str]) -> Problem:
    """The 422 of parameters of lists that a search does not have."""
    return _in_query(parameters, "not possible with `text`, `category`, `facets` or `totalCount`")


def price_without_currency(parameters: Sequence[str]) -> Problem:
    """The 422 of a filter or a sort by price without a currency."""
    return _in_query(parameters, "filtering and sorting by price require `currency`")


def _in_query(parameters: Sequence[str], detail: str) -> Problem:
    places = [{"parameter": name, "in": "query", "detail": detail} for name in parameters]
    return Problem(422, "invalid-request", "the request is invalid", errors=places)


def list_gone() -> Problem:
    """The 410 of a cursor that has expired."""
    return Problem(410, "list-gone", "this cursor has expired; restart the list without a cursor")


PRODUCT_NOT_FOUND = ProblemType(
    no_such_product("NW-0099"),
    "There is no product with this SKU.",
    "Check the SKU; it is case-sensitive.",
    "/products/NW-0099",
)
SKU_TAKEN = ProblemType(
    sku_taken("NW-0001"),
    "A product with this SKU exists already.",
    "Update that product, or use another SKU. In a bulk import, `errors` lists the differences; send `update=true` to "
    "replace the product.",
    "/products",
)
LIST_GONE = ProblemType(
    list_gone(),
    "The cursor belongs to a search that has expired; its results are no longer available.",
    "Restart the search without a cursor.",
    "/products?text=chai",
)

TYPES = (PRODUCT_NOT_FOUND, SKU_TAKEN, LIST_GONE, *CATEGORY_TYPES)
"""The problem types that only this service returns."""
