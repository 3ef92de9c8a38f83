"""The inputs of lists of products: the filter, the sort order, and cursors."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from hashlib import blake2b

import strawberry

from chassis.rest import cursors
from chassis.rest.cursors import InvalidCursor
from gateway.errors import BadInput
from gateway.fields.scalars import read_text
from gateway.shop.stock.stores import store_key
from search import request
from search.pagination import InvalidSearchCursor, SearchCursor
from search.request import ProductQuery

MAX_CHOICES = 50


@strawberry.input(description="Products that match all given conditions; null conditions are ignored.")
class ProductFilter:
    """Products that match all given conditions."""

    category: list[str] | None = strawberry.field(
        default=None, description=f"In one of these categories or their descendants, by slug. At most {MAX_CHOICES}."
    )
    type: list[str] | None = strawberry.field(
        default=None, description=f"Of one of these types. At most {MAX_CHOICES}."
    )
    price_from: Decimal | None = strawberry.field(
        default=None, description="With this price or a higher one; requires `currency`."
    )
    price_below: Decimal | None = strawberry.field(
        default=None, description="With a price below this one; requires `currency`."
    )
    currency: str | None = strawberry.field(default=None, description="Priced in this currency: ISO 4217, such as USD.")
    active: bool | None = strawberry.field(
        default=None, description="Whether it is on sale. By default both, those on sale first."
    )
    available_at: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="With counted units to order online in one of these stores, by `id` or by their own ids, such as "
        f"`seattle`. Unknown stores have none. At most {MAX_CHOICES}.",
    )
    in_stock: bool | None = strawberry.field(
        default=None,
        description="Whether any store has counted units to order online, as of a second ago. By default both. It says "
        "nothing of a product whose units are not tracked: that can be ordered, its `availability` is IN_STOCK, and it "
        "is found by false unless a store happens to have units.",
    )


def search_criteria(text: str | None, given: ProductFilter | None, of_category: str | None = None) -> ProductQuery:
    """The conditions for the search index, for the products of one category if it is given. Raises BadInput."""
    given = given or ProductFilter()
    if of_category is not None and given.category is not None:
        raise BadInput("`filter.category` is not possible for the products of a category")
    if given.currency is None and (given.price_from is not None or given.price_below is not None):
        raise BadInput("price filters require `currency`")
    return ProductQuery(
        text=None if text is None else read_text(text, "text"),
        categories=_choices("category", given.category) if of_category is None else (of_category,),
        types=_choices("type", given.type),
        price_from=given.price_from,
        price_below=given.price_below,
        currency=None if given.currency is None else read_text(given.currency, "currency").upper(),
        active=given.active,
        available_at=_stores(given.available_at),
        in_stock=given.in_stock,
    )


def _stores(given: list[strawberry.ID] | None) -> tuple[str, ...] | None:
    """The own ids of stores; a malformed one is like an unknown one. Raises BadInput."""
    if given is None:
        return None
    _check_choices("availableAt", given)
    return tuple(key for each in given if (key := store_key(each)) is not None)


def _choices(name: str, given: list[str] | None) -> tuple[str, ...]:
    if given is None:
        return ()
    _check_choices(name, given)
    return tuple(read_text(each, name) for each in given)


def _check_choices(name: str, given: Sequence[str]) -> None:
    if not 1 <= len(given) <= MAX_CHOICES:
        raise BadInput(f"`{name}` must have 1 to {MAX_CHOICES} values")


@strawberry.enum(description="The order of a list of products; ties are sorted by SKU.")
class ProductSort(Enum):
    """The order of a list of products."""

    RELEVANCE = strawberry.enum_value("RELEVANCE", description="Best match for the text first.")
    PRICE_ASC = strawberry.enum_value(
        "PRICE_ASC", description="Lowest price first, as a number: filter by `currency` if there are several."
    )
    PRICE_DESC = strawberry.enum_value("PRICE_DESC", description="Highest price first.")
    NAME_ASC = strawberry.enum_value("NAME_ASC", description="By name, ignoring case and accents.")
    NAME_DESC = strawberry.enum_value("NAME_DESC", description="By name, descending.")
    CREATED_AT_DESC = strawberry.enum_value("CREATED_AT_DESC", description="Newest first.")
    CREATED_AT_ASC = strawberry.enum_value("CREATED_AT_ASC", description="Oldest first.")
    SKU_ASC = strawberry.enum_value("SKU_ASC", description="By SKU.")
    SKU_DESC = strawberry.enum_value("SKU_DESC", description="By SKU, descending.")


SORT = strawberry.argument(
    description="The order of the list; by default, by relevance if there is a `text`, otherwise by SKU."
)


def sort_of(given: ProductSort | None, text: str | None) -> request.ProductSort:
    """The requested order; by default, by relevance if there is a text, otherwise by SKU."""
    if given is None:
        return request.ProductSort.SKU_ASC if text is None else request.ProductSort.RELEVANCE
    return request.ProductSort[given.name]


_TAG = "p"
_HASH_BYTES = 6
_LEAST = 4


def list_hash(criteria: ProductQuery, sort: request.ProductSort) -> str:
    """A hash of the conditions and the order, which cursors carry: a cursor is valid for one list only."""
    return blake2b(repr((criteria, sort.value)).encode(), digest_size=_HASH_BYTES).hexdigest()


def cursor(hash_: str, place: SearchCursor) -> str:
    """The cursor of the product at this place."""
    return cursors.encode([_TAG, hash_, *place.to_json()])


def place(hash_: str, sort: request.ProductSort, cursor: str | None) -> SearchCursor | None:
    """The place in a cursor of this list. Raises InvalidCursor."""
    if cursor is None:
        return None
    parts = cursors.decode_any(cursor)
    if len(parts) < _LEAST or parts[:2] != [_TAG, hash_]:
        raise InvalidCursor(cursor)
    try:
        return SearchCursor.from_json(parts[2:], sort)
    except InvalidSearchCursor as error:
        raise InvalidCursor(cursor) from error
