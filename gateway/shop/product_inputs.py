"""What lists of products take: the filter, the sort order, and cursors."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from hashlib import blake2b

import strawberry

from chassis.rest import cursors
from chassis.rest.cursors import InvalidCursor
from gateway.errors import BadInput
from gateway.fields.scalars import cleaned
from search import request
from search.pagination import BadPlace, Place
from search.request import Wanted

MOST_CHOICES = 50


@strawberry.input(description="Products that fit all that is given; null is like not given.")
class ProductFilter:
    """Products that fit all that is given."""

    hierarchy: list[str] | None = strawberry.field(
        default=None, description=f"In one of these places of the shop's tree, by name. At most {MOST_CHOICES}."
    )
    type: list[str] | None = strawberry.field(
        default=None, description=f"Of one of these types. At most {MOST_CHOICES}."
    )
    price_from: Decimal | None = strawberry.field(
        default=None, description="At this price or a higher one; say the `currency` as well."
    )
    price_to: Decimal | None = strawberry.field(
        default=None, description="At this price or a lower one; say the `currency` as well."
    )
    currency: str | None = strawberry.field(default=None, description="Priced in this currency: ISO 4217, such as USD.")
    active: bool | None = strawberry.field(
        default=None, description="Whether it can be ordered. Not given: both, those that can be ordered first."
    )


def wanted(text: str | None, given: ProductFilter | None) -> Wanted:
    """What is asked of the index. Raises BadInput."""
    given = given or ProductFilter()
    if given.currency is None and (given.price_from is not None or given.price_to is not None):
        raise BadInput("prices are compared in one `currency`: give that as well")
    return Wanted(
        text=None if text is None else cleaned(text, "text"),
        hierarchies=_choices("hierarchy", given.hierarchy),
        types=_choices("type", given.type),
        price_from=given.price_from,
        price_to=given.price_to,
        currency=None if given.currency is None else cleaned(given.currency, "currency").upper(),
        active=given.active,
    )


def _choices(name: str, given: list[str] | None) -> tuple[str, ...]:
    if given is None:
        return ()
    if not 1 <= len(given) <= MOST_CHOICES:
        raise BadInput(f"`{name}` has 1 to {MOST_CHOICES} choices")
    return tuple(cleaned(each, name) for each in given)


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


_TAG = "p"
_HASH_BYTES = 6
_LEAST = 4


def question_of(wanted: Wanted, sort: request.ProductSort) -> str:
    """What a cursor says of its question."""
    return blake2b(repr((wanted, sort.value)).encode(), digest_size=_HASH_BYTES).hexdigest()


def cursor(question: str, place: Place) -> str:
    """The cursor of the product at this place."""
    return cursors.encode([_TAG, question, *place.said()])


def place(question: str, sort: request.ProductSort, cursor: str | None) -> Place | None:
    """The place that a cursor of this question names. Raises InvalidCursor."""
    if cursor is None:
        return None
    said = cursors.decode_any(cursor)
    if len(said) < _LEAST or said[:2] != [_TAG, question]:
        raise InvalidCursor(cursor)
    try:
        return Place.read(said[2:], sort)
    except BadPlace as error:
        raise InvalidCursor(cursor) from error
