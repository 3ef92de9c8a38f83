"""What `products` refuses, as problems."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.http.problem_types import ProblemType
from chassis.http.problems import Problem, fault


def no_such_product(sku: str) -> Problem:
    """The 404 of a product."""
    return Problem(404, "product-not-found", f"there is no product {sku}")


def sku_taken(sku: str) -> Problem:
    """The 409 of a SKU that is in use."""
    detail = f"there is a product {sku}"
    return Problem(409, "sku-taken", detail, errors=[fault("#/sku", detail)])


def sku_says_something_else(sku: str, pointers: Sequence[str]) -> Problem:
    """The 409 of a line whose product is here and says something else; `pointers` are the members that differ."""
    errors = [fault("#/sku", f"there is a product {sku}")]
    errors += [fault(pointer, "the product that is here says something else") for pointer in pointers]
    return Problem(409, "sku-taken", f"there is a product {sku} that says something else", errors=errors)


def changed_meanwhile() -> Problem:
    """The 412 of a race lost at the last moment."""
    return Problem(412, "precondition-failed", "the resource was changed meanwhile; read it again")


def not_with(way: str, others: Sequence[str]) -> Problem:
    """The 422 of a list that is asked for in two ways at once."""
    detail = f"`{way}` goes with none of the others"
    return _in_query([way, *others], detail)


def price_without_currency(parameters: Sequence[str]) -> Problem:
    """The 422 of prices that are compared without saying in which currency."""
    return _in_query(parameters, "prices are compared in one `currency`: give that as well")


def _in_query(parameters: Sequence[str], detail: str) -> Problem:
    places = [{"parameter": name, "in": "query", "detail": detail} for name in parameters]
    return Problem(422, "invalid-request", "the request does not fit", errors=places)


def list_gone() -> Problem:
    """The 410 of a cursor whose list is kept no longer."""
    return Problem(410, "list-gone", "this list is kept no longer; begin it again without a cursor")


PRODUCT_NOT_FOUND = ProblemType(
    no_such_product("NW-0099"),
    "There is no product with this SKU.",
    "Look at the SKU: capitals and small letters differ.",
    "/products/NW-0099",
)
SKU_TAKEN = ProblemType(
    sku_taken("NW-0001"),
    "There is a product with this SKU already.",
    "Change that one, or take another SKU. In a bulk, `errors` has what differs: ask for `update=true` to replace it.",
    "/products",
)
LIST_GONE = ProblemType(
    list_gone(),
    "The cursor is of a search that was begun too long ago: it would go on in another list than it began.",
    "Ask again without the cursor.",
    "/products?text=chai",
)

TYPES = (PRODUCT_NOT_FOUND, SKU_TAKEN, LIST_GONE)
"""The types of problems that only this service answers."""
