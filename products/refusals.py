"""What `products` refuses, as problems."""

from __future__ import annotations

from chassis.problems import Problem, fault


def no_such_product(sku: str) -> Problem:
    """The 404 of a product."""
    return Problem(404, "product-not-found", f"there is no product {sku}")


def sku_taken(sku: str) -> Problem:
    """The 409 of a SKU that is in use."""
    detail = f"there is a product {sku}"
    return Problem(409, "sku-taken", detail, errors=[fault("#/sku", detail)])


def changed_meanwhile() -> Problem:
    """The 412 of a race lost at the last moment."""
    return Problem(412, "precondition-failed", "the resource was changed meanwhile; read it again")


def text_or_skus() -> Problem:
    """The 422 of a list that is asked for in two ways at once."""
    detail = "give `text` or `sku`, not both"
    places = [{"parameter": name, "in": "query", "detail": detail} for name in ("text", "sku")]
    return Problem(422, "invalid-request", detail, errors=places)
