"""The orders that a list of products can have."""

from __future__ import annotations

from enum import Enum

import strawberry

from search import request


@strawberry.enum(description="How a list of products is sorted; equal ones by their SKUs.")
class ProductSort(Enum):
    """How a list of products is sorted."""

    RELEVANCE = strawberry.enum_value("RELEVANCE", description="What fits the text best first.")
    PRICE_ASC = strawberry.enum_value(
        "PRICE_ASC", description="The lowest price first, as a number: filter by `currency` where there are several."
    )
    PRICE_DESC = strawberry.enum_value("PRICE_DESC", description="The highest price first.")
    NAME_ASC = strawberry.enum_value("NAME_ASC", description="By name; capitals and accents do not matter.")
    NAME_DESC = strawberry.enum_value("NAME_DESC", description="By name, from the end of the alphabet.")
    CREATED_AT_DESC = strawberry.enum_value("CREATED_AT_DESC", description="The newest first.")
    CREATED_AT_ASC = strawberry.enum_value("CREATED_AT_ASC", description="The oldest first.")
    SKU_ASC = strawberry.enum_value("SKU_ASC", description="By SKU.")
    SKU_DESC = strawberry.enum_value("SKU_DESC", description="By SKU, the last one first.")


def sort_of(given: ProductSort | None, text: str | None) -> request.ProductSort:
    """The order that is meant; of none, by relevance where there is a text and by SKU where there is none."""
    if given is None:
        return request.ProductSort.SKU_ASC if text is None else request.ProductSort.RELEVANCE
    return request.ProductSort[given.name]
